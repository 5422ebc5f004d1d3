import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatPrepared } from '../../src/cli/format-install.ts';
import { manifestLists } from '../../src/toolchain/install/manifest/installed-manifest.ts';

function prepared(tools: readonly string[], more: object = {}): string {
	const lists = Object.fromEntries(
		manifestLists.map((list) => [list, list === 'provides_tools' ? tools : []]),
	);
	const plugin = {
		manifest: { id: 'many', ...lists },
		version: '1.0.0',
		sha256: 'abc',
		resolved: '/a/b',
		...more,
	};
	const install = { plugin, source: { kind: 'path', path: '/a/b' } };
	return stripVTControlCharacters(formatPrepared(install as never));
}

test('of what a plugin provides twelve names are told, and the others counted', () => {
	const names = Array.from({ length: 50 }, (_, index) => `t${index}`);
	expect(prepared(names.slice(0, 12))).toContain(`tools ${names.slice(0, 12).join(', ')}\n`);
	expect(prepared(names)).toContain('t10, t11 and 38 more\n');
	expect(prepared([])).toMatch(/provides +nothing\n +needs +nothing$/);
});

test('what a setting is for, and whether it has to be there, is told before anything is installed', () => {
	const settings = [{ variable: 'KEY', title: 'A key', required: true, secret: true }];
	expect(prepared([], { settings })).toMatch(/setting +KEY: A key \(required, secret\)$/);
});

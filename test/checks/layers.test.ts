import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';

let copy: string;

beforeEach(() => {
	copy = mkdtempSync(join(tmpdir(), 'orchestra-layers-'));
	cpSync(join(projectRoot, 'src'), join(copy, 'src'), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function check() {
	return spawnSync(process.execPath, [join(projectRoot, 'scripts/check-layers.mjs'), copy], {
		encoding: 'utf8',
	});
}

function plant(file: string, line: string): void {
	const path = join(copy, file);
	writeFileSync(path, `${line}\n${readFileSync(path, 'utf8')}`);
}

describe('npm run check:layers', () => {
	it('finds nothing wrong in the sources', () => {
		const { status, stderr } = check();
		expect(stderr).toBe('');
		expect(status).toBe(0);
	});

	it.each([
		['src/runtime/wire/frame.ts', "import { dial } from '../carrier/network-carrier.ts';"],
		[
			'src/runtime/carrier/quic/driver/quic-driver.ts',
			"import { createPlugin } from '../../../plugin/definition/create-plugin.ts';",
		],
		['src/runtime/client/listings.ts', "import type { Plugin } from '../plugin/definition/plugin.ts';"],
		[
			'src/runtime/plugin/serving/dispatcher.ts',
			"const late = () => import('../../../toolchain/find-deno.ts');",
		],
		['src/runtime/identity/identity.ts', "export type { Address } from '../carrier/address.ts';"],
		['src/toolchain/find-deno.ts', "type Style = typeof import('../cli/style.ts');"],
		['src/cli/style.ts', "import 'react';"],
	])('refuses what is planted in %s', (file, line) => {
		plant(file, line);
		const { status, stderr } = check();
		expect(status).toBe(1);
		expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(file)]);
	});

	it('refuses a folder that has no layer', () => {
		cpSync(join(copy, 'src/cli'), join(copy, 'src/elsewhere'), { recursive: true });
		expect(check().status).toBe(1);
	});
});

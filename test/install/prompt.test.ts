import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listInstalled } from '../../src/toolchain/install/list-installed.ts';
import { pluginStore } from '../../src/toolchain/install/store/plugin-store.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { TerminalScreen } from '../support/terminal-screen.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('prompt');
let program = '';

beforeAll(() => {
	program = join(scratch, 'greeter');
	const manifest =
		'{"id":"greeter","version":"1.0.0","provides_tools":["hello"],"needs_storage":["markdown"]}';
	writeFileSync(program, `#!/bin/sh\necho '${manifest}'\n`);
	chmodSync(program, 0o755);
});

describe.each(['node', 'deno'] as const)('on %s a person is asked', (runtime) => {
	function open(words: string[], columns = 80) {
		const home = mkdtempSync(join(scratch, 'home-'));
		const cwd = writeFiles(mkdtempSync(join(scratch, 'project-')), { 'package.json': '{}' });
		const env = { ORCHESTRA_HOME: home, ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
		const screen = new TerminalScreen(['install', program, ...words], { runtime, cwd, env, columns });
		return { screen, cwd, store: pluginStore(home) };
	}

	test.each([
		{ answer: 'yes', keys: '\r', code: 0 },
		{ answer: 'no', keys: 'n\r', code: 130 },
		{ answer: 'Ctrl-C', keys: '\x03', code: 130 },
	])('and answers $answer: exit $code', async ({ keys, code }) => {
		const { screen, cwd, store } = open([]);
		await using _ended = screen;
		const asked = await screen.until(/Install it\?/);
		expect(asked).toContain('hello');
		expect(asked).toContain('markdown');
		screen.type(keys);
		expect(await screen.exited, screen.text()).toMatchObject({ code });
		const installed = code === 0 ? [{ id: 'greeter', state: 'ok', locked: true }] : [];
		expect(listInstalled(store, cwd)).toMatchObject(installed);
		expect(readdirSync(cwd).includes('orchestra.lock')).toBe(code === 0);
		expect(readdirSync(store.dir).filter((name) => name.startsWith('.'))).toEqual([]);
		expect(screen.text()).not.toMatch(/at .*\.js:\d/);
		// The cursor is there again.
		expect(screen.output.lastIndexOf('\x1b[?25h')).toBeGreaterThanOrEqual(
			screen.output.lastIndexOf('\x1b[?25l'),
		);
	});

	test('not with --yes', async () => {
		const { screen, cwd, store } = open(['--yes'], 40);
		await using _ended = screen;
		expect(await screen.exited, screen.text()).toMatchObject({ code: 0 });
		expect(screen.output).not.toContain('Install it?');
		expect(listInstalled(store, cwd)).toMatchObject([{ id: 'greeter' }]);
	});
});

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterEach, expect, test } from 'vitest';
import { listInstalled } from '../../src/toolchain/install/list-installed.ts';
import { pluginStore } from '../../src/toolchain/install/store/plugin-store.ts';
import { projectRoot } from '../support/run-cli.ts';

let scratch = '';
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Installs a program on a terminal, and answers the question once it stands there. */
function answer(keys: string): Promise<number> {
	scratch = mkdtempSync(join(tmpdir(), 'orchestra-prompt-'));
	const program = join(scratch, 'program');
	writeFileSync(program, `#!/bin/sh\necho '{"id":"asked","version":"1.0.0","provides_tools":["t"]}'\n`);
	chmodSync(program, 0o755);
	mkdirSync(join(scratch, 'work'));
	const { CI: _ci, ...env } = process.env;
	return new Promise((resolve) => {
		const terminal = spawn(process.execPath, [join(projectRoot, 'bin/orchestra.js'), 'install', program], {
			cols: 80,
			rows: 24,
			cwd: join(scratch, 'work'),
			env: { ...env, TERM: 'xterm-256color', ORCHESTRA_HOME: join(scratch, 'home') } as Record<
				string,
				string
			>,
		});
		let text = '';
		let answered = false;
		terminal.onData((data) => {
			text += data;
			if (answered || !text.includes('Install it?')) return;
			answered = true;
			terminal.write(keys);
		});
		terminal.onExit(({ exitCode }) => resolve(exitCode));
	});
}

test.each([
	['yes', 'y\r', 0],
	['no', 'n\r', 130],
	['Ctrl-C', '\x03', 130],
])('the question of install on a terminal, answered with %s', async (_what, keys, exit) => {
	const code = await answer(keys);
	const store = pluginStore(join(scratch, 'home'));
	const state = listInstalled(store).map(({ id, state }) => [id, state]);
	expect(state).toEqual(exit === 0 ? [['asked', 'ok']] : []);
	expect(readdirSync(store.dir).sort()).toEqual(
		exit === 0 ? ['bin', 'integrity.json', 'registry.json'] : ['bin'],
	);
	expect(existsSync(store.registryFile)).toBe(exit === 0);
	expect(code).toBe(exit);
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { TerminalScreen } from '../support/terminal-screen.ts';
import { expectRestored } from './served-shop.ts';

const folder = scratchFolder('tui');
const env = {
	ORCHESTRA_CERTS_DIR: join(folder, 'certs'),
	ORCHESTRA_CACHE_DIR: join(folder, 'cache'),
	TERMINAL_ROOT: folder,
	SHELL: 'sh',
	PS1: '$ ',
};
let address = '';
let server: RunningCli | undefined;

beforeAll(async () => {
	server = new RunningCli(['serve', 'examples/terminal', '--listen', 'tcp://127.0.0.1:0', '--json'], { env });
	const [line] = await server.until(/^.*"event":"ready".*$/m);
	address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
});
afterAll(async () => {
	await server?.[Symbol.asyncDispose]();
});

const sizes = [
	{ runtime: 'node', columns: 80, rows: 24 },
	{ runtime: 'node', columns: 40, rows: 12 },
	{ runtime: 'deno', columns: 160, rows: 50 },
] as const;

describe.each(sizes)('orchestra top on $runtime, $columns×$rows', (options) => {
	test('a terminal is opened, left, come back to and ended, each time back to the list', async () => {
		await using screen = new TerminalScreen(['top', address], { ...options, env });
		await screen.until(/▸ terminal/);
		screen.type('t');
		await screen.until(/Terminals/);
		await screen.until(/▸ new terminal\/shell/);
		screen.type('\r');
		await screen.until(/comes back ──/);
		screen.type('stty size; echo o""ne\r');
		await screen.until(new RegExp(`${options.rows} ${options.columns}\\s+one`));
		screen.type('\x1d');
		// The session stands there, selected.
		await screen.until(/▸ shell-[0-9a-f]{6} +detached/);
		screen.type('\r');
		// What was there is shown again.
		await screen.until(/comes back ──[\s\S]*one/);
		screen.type('echo t""wo\r');
		await screen.until(/two/);
		screen.type('exit 4\r');
		await screen.until(/Terminals/);
		await screen.until(/has ended/);
		await screen.until((text) => !/detached/.test(text));
		screen.type('\x1bq');
		expect((await screen.exited).code).toBe(0);
		expectRestored(screen);
	});
});

test('a server that is gone while somebody is in a terminal brings the interface back, which says so', async () => {
	await using screen = new TerminalScreen(['top', address], { env });
	await screen.until(/▸ terminal/);
	screen.type('t');
	await screen.until(/▸ new terminal\/shell/);
	screen.type('\r');
	await screen.until(/comes back ──/);
	server?.child.kill('SIGKILL');
	await screen.until(/Terminals/);
	screen.type('\x03');
	expect((await screen.exited).code).toBe(130);
	expectRestored(screen);
});

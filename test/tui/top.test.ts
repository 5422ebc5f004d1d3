import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { TerminalScreen } from '../support/terminal-screen.ts';
import { normalised } from './normalised.ts';
import { writeShop } from './shop.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orchestra-tui-'));
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
let server: RunningCli;
let address: string;

beforeAll(async () => {
	writeShop(join(scratch, 'set'));
	server = new RunningCli(['serve', '--json'], { env, cwd: join(scratch, 'set') });
	const [line] = await server.until(/^.*"event":"ready".*$/m, 60_000);
	address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
}, 90_000);

afterAll(async () => {
	await server[Symbol.asyncDispose]();
	rmSync(scratch, { recursive: true, force: true });
});

const top = (options: ConstructorParameters<typeof TerminalScreen>[1] = {}) =>
	new TerminalScreen(['top', address], { env, ...options });

/** What a terminal has to be told so that it is as before. */
function expectRestored(screen: TerminalScreen): void {
	expect(screen.xterm.buffer.active.type).toBe('normal');
	expect(screen.output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(screen.output.lastIndexOf('\x1b[?25l'));
	expect(screen.output).not.toContain('\x1b[3J');
}

describe.each(['node', 'deno'] as const)('orchestra top on %s', (runtime) => {
	test.each([
		[80, 24],
		[40, 10],
		[160, 50],
	])(
		'%i×%i',
		async (columns, rows) => {
			await using screen = top({ runtime, columns, rows });
			await screen.until(/shop +running/);
			await screen.until(/live/);
			screen.type('4');
			await screen.until(/cli +\*\*/);
			expect(normalised(screen.text(), address)).toMatchSnapshot('subscriptions');
			screen.type('1');
			await screen.until(/▸ broken|▸ shop/);
			expect(normalised(screen.text(), address)).toMatchSnapshot('plugins');
			expect(screen.lines().at(-1)).toBe('');
			screen.type('q');
			expect((await screen.exited).code).toBe(0);
			expectRestored(screen);
		},
		60_000,
	);

	test('a failing call and its cause are found with the keys on the screen', async () => {
		await using screen = top({ runtime });
		await screen.until(/shop +running/);
		const called = await runCli(['call', address, 'order', '--json'], { env });
		expect(called.code).toBe(5);
		await screen.until(/1 failed/);
		screen.type('2');
		await screen.until(/e failures/);
		await screen.until(/order .*failed/);
		screen.type('\r');
		const text = await screen.until(/no lamp is left in the warehouse/);
		expect(text).toMatch(/out_of_stock/);
		await screen.until(/stock row of lamp is locked/);
		screen.type('\x1b');
		await screen.until(/TOOL/);
	}, 60_000);
});

test.each([
	['Ctrl-C', (screen: TerminalScreen) => screen.type('\x03')],
	['SIGTERM', (screen: TerminalScreen) => screen.kill('SIGTERM')],
	['SIGHUP', (screen: TerminalScreen) => screen.kill('SIGHUP')],
])(
	'the terminal is given back at %s',
	async (_name, end) => {
		await using screen = top();
		await screen.until(/shop +running/);
		end(screen);
		expect((await screen.exited).code).toBe(130);
		expectRestored(screen);
	},
	60_000,
);

test('it is laid out anew at each size, and says it where that is too small', async () => {
	await using screen = top();
	await screen.until(/shop +running/);
	screen.resize(20, 5);
	await screen.until((text) => text.replaceAll('\n', ' ').includes('too small'));
	screen.resize(40, 10);
	await screen.until(/▸ shop +running/);
	screen.resize(100, 30);
	await screen.until((text) => text.split('\n')[2]?.length === 99 && /▸ shop +running/.test(text));
	expect(screen.text().match(/orchestra/g)).toHaveLength(1);
}, 60_000);

test('a server that goes away is looked for, and one without a terminal is told what to do', async () => {
	const refused = await runCli(['top', address], { env });
	expect(refused.code).toBe(2);
	expect(refused.stderr).toMatch(/needs a terminal/);
});

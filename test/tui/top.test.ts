import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/run-cli.ts';
import type { TerminalScreen } from '../support/terminal-screen.ts';
import { expectRestored, ServedShop } from './served-shop.ts';

const shop = new ServedShop();
// It is started again at the same port, which nobody takes meanwhile.
beforeAll(async () => shop.start(`tcp://127.0.0.1:${await freePort()}`));
afterAll(() => shop[Symbol.asyncDispose]());

describe.each(['node', 'deno'] as const)('orchestra top on %s', (runtime) => {
	test('finds a failing call and its cause with the keys on the screen', async () => {
		await using screen = shop.top({ runtime });
		await screen.until(/▸ shop +running/);
		expect((await shop.call('order')).code).toBe(5);
		await screen.until(/[1-9] failed/);
		screen.type('2');
		await screen.until(/e failures/);
		screen.type('e');
		await screen.until(/▸ .*order .*failed/);
		screen.type('\r');
		await screen.until(/out_of_stock/);
		await screen.until(/no lamp is left in the warehouse/);
		await screen.until(/stock row of lamp is locked/);
		screen.type('\x1b');
		await screen.until(/TOOL/);
	});

	test('calls a tool by a form, shows what is wrong at its field, and the result', async () => {
		await using screen = shop.top({ runtime });
		await screen.until(/▸ shop +running/);
		screen.type('c');
		await screen.until(/Call a tool/);
		screen.type('price');
		await screen.until(/▸ price/);
		screen.type('\r');
		await screen.until(/\*article/);
		screen.type('\r');
		await screen.until(/it is required/);
		// The tool's own check.
		screen.type('x\r');
		await screen.until(/fewer than 2 characters/);
		screen.type('yz\t');
		screen.type('\x1b[C');
		await screen.until(/▸ currency +EUR/);
		screen.type('\x1b[C');
		await screen.until(/▸ currency +NOK/);
		screen.type('\r');
		await screen.until(/state +ok/);
		const text = await screen.until(/Where the time went/);
		expect(text).toMatch(/handler/);
		screen.type('G');
		await screen.until(/"currency": "NOK"/);
		// Back to the form, and to the list.
		screen.type('\x1b');
		await screen.until(/\*article +xyz/);
	});
});

test('a running call is cancelled', async () => {
	await using screen = shop.top();
	await screen.until(/▸ shop +running/);
	const call = shop.call('report');
	screen.type('2');
	await screen.until(/▸ .*report .*running/);
	screen.type('x');
	await screen.until(/report .*cancelled/);
	// Its caller hears it: the call did not end by itself.
	expect((await call).code).toBe(5);
});

test('a plugin is restarted, which is asked for, by its key and by a command', async () => {
	await using screen = shop.top();
	await screen.until(/▸ shop +running/);
	screen.type('r');
	await screen.until(/restart shop\?/);
	screen.type('y');
	await screen.until(/shop was restarted/);
	screen.type(':restrat shop\r');
	await screen.until(/Did you mean restart\?/);
	screen.type('\x15rest\t');
	await screen.until(/:restart/);
	screen.type('bro\t\r');
	await screen.until(/the database does not answer/);
});

test('events are shown with what peers put into them escaped, and are filtered as it is typed', async () => {
	await using screen = shop.top();
	await screen.until(/▸ shop +running/);
	screen.type('3');
	await screen.until(/No event was heard/);
	expect((await shop.call('tell')).code).toBe(0);
	await screen.until(/shop\.東京/);
	screen.type('/nothing');
	await screen.until(/Nothing has “nothing” in it/);
	screen.type('\x1b');
	await screen.until(/▸ .*shop\.東京/);
	screen.type('\r');
	await screen.until(/\\u001b\[31mred/);
	screen.type('y');
	await screen.until(/copied/);
	const copied = screen.output.split('\x1b]52;c;')[1]?.split('\x07')[0] ?? '';
	expect(JSON.parse(Buffer.from(copied, 'base64').toString())).toMatchObject({ topic: 'shop.東京' });
});

test.each([
	['q', (screen: TerminalScreen) => screen.type('q'), 0],
	['Ctrl-C', (screen: TerminalScreen) => screen.type('\x03'), 130],
	['SIGTERM', (screen: TerminalScreen) => screen.kill('SIGTERM'), 130],
	['SIGHUP', (screen: TerminalScreen) => screen.kill('SIGHUP'), 130],
] as const)(
	'the terminal is given back at %s',
	async (_name, end, code) => {
		await using screen = shop.top();
		await screen.until(/▸ shop +running/);
		end(screen);
		expect((await screen.exited).code).toBe(code);
		expectRestored(screen);
	},
	180_000,
);

test('it is laid out anew at each size, and says it where that is too small', async () => {
	await using screen = shop.top();
	await screen.until(/▸ shop +running/);
	screen.resize(20, 5);
	await screen.until((text) => text.replaceAll('\n', ' ').includes('too small'));
	screen.resize(40, 10);
	await screen.until(/▸ shop +running/);
	screen.resize(100, 30);
	await screen.until((text) => text.split('\n')[2]?.length === 99 && /▸ shop +running/.test(text));
	expect(screen.text().match(/orchestra/g)).toHaveLength(1);
	// A frame for another width may come after a resize: what does not fit into a line must not go on in the next.
	await new Promise<void>((written) => screen.xterm.write(`\x1b[9;1H${'#'.repeat(109)}`, written));
	expect(screen.lines().slice(8, 10)).toEqual(['#'.repeat(100), '']);
});

test('without a terminal it says what to do instead', async () => {
	const refused = await runCli(['top', shop.address], { env: shop.env });
	expect(refused.code).toBe(2);
	expect(refused.stderr).toMatch(/top needs a terminal/);
});

test('without colours everything is still told apart', async () => {
	await using screen = shop.top({ env: { ...shop.env, NO_COLOR: '1' } });
	await screen.until(/▸ shop +running/);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
	expect(screen.output).not.toMatch(/\x1b\[[1-9][0-9;]*m/);
});

// The last test: it ends the server.
test('a server that goes away is looked for until it is back', async () => {
	await using screen = shop.top();
	await screen.until(/▸ shop +running/);
	const { address } = shop;
	await shop.stop();
	await screen.until(/● lost/);
	await shop.start(address);
	await screen.until(/● live/);
	expect((await shop.call('price', 'article=chair')).code).toBe(0);
	screen.type('2');
	await screen.until(/price .*ok/);
});

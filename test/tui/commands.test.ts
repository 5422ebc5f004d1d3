import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { TerminalScreen } from '../support/terminal-screen.ts';
import { waitUntil } from '../support/wait-until.ts';
import { expectRestored, ServedShop } from './served-shop.ts';

const shop = new ServedShop();
beforeAll(() => shop.start());
afterAll(() => shop[Symbol.asyncDispose]());

const on = (words: string[], options: ConstructorParameters<typeof TerminalScreen>[1] = {}) =>
	new TerminalScreen(words, { env: shop.env, cwd: shop.set, ...options });

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
	test('serve shows what it serves, asks before it stops, and says what it does then', async () => {
		await using screen = on(['serve'], { runtime });
		await screen.until(/▸ shop +running/);
		await screen.until(/broken +failed/);
		screen.type(':call tell\r');
		await screen.until(/It takes no arguments/);
		screen.type('\r');
		await screen.until(/state +ok/);
		screen.type('3');
		await screen.until(/▸ .*shop\.東京/);
		screen.type('5\r');
		await screen.until(/the database does not answer/);
		screen.type('\x1b');
		await screen.until(/TEXT/);
		screen.type('q');
		await screen.until(/stop the server, and its plugins\?/);
		screen.type('n');
		await screen.until(/q quit/);
		screen.type('qy');
		expect((await screen.exited).code).toBe(0);
		expectRestored(screen);
		expect(screen.text()).toMatch(/quit: stopping/);
	});

	test('call --tui shows the call, and prints what it came to when it is left', async () => {
		await using screen = on(['call', 'shop.ts', 'price', 'article=chair', '--tui'], { runtime });
		await screen.until(/state +ok/);
		await screen.until(/Where the time went/);
		screen.type('q');
		expect((await screen.exited).code).toBe(0);
		expectRestored(screen);
		expect(screen.text()).toMatch(/"price": 12/);
	});

	test('call --tui shows what a tool puts out while it runs', async () => {
		// The file is there to end the command: what is shown before was shown live.
		const command = `echo $((40+2)); while [ ! -e ${shop.set}/go-${runtime} ]; do sleep 0.1; done`;
		const target = join(projectRoot, 'examples/shell');
		await using screen = on(['call', target, 'bash', `command=${command}`, '--tui'], { runtime });
		await screen.until(/state +running[\s\S]*Output[\s\S]*^\W*42\W*$/m);
		writeFileSync(join(shop.set, `go-${runtime}`), '');
		await screen.until(/state +ok/);
		screen.type('q');
		expect((await screen.exited).code).toBe(0);
	});

	test('events subscribe shows the events that it asks for', async () => {
		await using screen = on(['events', 'subscribe', 'shop.*', '--address', shop.address], { runtime });
		await screen.until(/No event was heard/);
		await screen.until(/● live/);
		expect((await shop.call('tell')).code).toBe(0);
		await screen.until(/▸ .*shop\.東京/);
		screen.type('q');
		expect((await screen.exited).code).toBe(0);
		expectRestored(screen);
	});
});

test('a call that fails there exits as it does elsewhere, and one that is left is cancelled', async () => {
	await using failing = on(['call', 'shop.ts', 'order', '--tui']);
	await failing.until(/out_of_stock/);
	failing.type('q');
	expect((await failing.exited).code).toBe(5);
	expect(failing.text()).toMatch(/error no lamp is left in the warehouse/);
	await using left = on(['call', 'shop.ts', 'report', '--tui']);
	await left.until(/75 % page 3/);
	left.type('q');
	expect((await left.exited).code).toBe(130);
	expectRestored(left);
});

test('without a terminal, with --json and with --no-tui everything is plain', async () => {
	await using screen = on(['serve', '--no-tui']);
	await screen.until(/serving 1 plugin/);
	expect(screen.output).not.toContain('\x1b[?1049h');
	screen.type('\x03');
	expect((await screen.exited).code).toBe(0);
	const refused = await runCli(['call', 'shop.ts', 'order', '--tui'], { env: shop.env, cwd: shop.set });
	expect(refused.code).toBe(2);
	expect(refused.stderr).toMatch(/call --tui needs a terminal/);
});

/** A defect, at a signal: what would throw is not to be had otherwise. */
const defect = `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => { throw new Error('a defect') })")}`;

test('the terminal is given back where the process crashes, and the error is seen', async () => {
	await using screen = shop.top({ env: { ...shop.env, NODE_OPTIONS: defect } });
	await screen.until(/▸ shop +running/);
	screen.kill('SIGUSR2');
	expect((await screen.exited).code).not.toBe(0);
	expectRestored(screen);
	expect(screen.text()).toMatch(/a defect/);
});

test('a server whose terminal goes away stops', async () => {
	await using screen = on(['serve']);
	await screen.until(/▸ shop +running/);
	const { pid } = screen;
	screen.hangUp();
	await waitUntil(() => !lives(pid));
});

function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

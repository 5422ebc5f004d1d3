import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TerminalScreen } from '../support/terminal-screen.ts';
import { normalised } from './normalised.ts';
import { expectRestored, ServedShop } from './served-shop.ts';

/** Waits until a screen is the golden one: what is looked for may stand there before all the rest does. */
async function expectGolden(
	screen: TerminalScreen,
	pattern: RegExp,
	name: string,
	normal: (text: string) => string,
): Promise<void> {
	const file = new URL(`golden/${name}.txt`, import.meta.url);
	const golden = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
	await screen.until(pattern);
	// Where it never is, what stands there in the end is compared.
	await screen.until((text) => golden === undefined || normal(text) === golden, 30_000).catch(() => {});
	await expect(normal(screen.text())).toMatchFileSnapshot(`golden/${name}.txt`);
}

const shop = new ServedShop();
beforeAll(() => shop.start());
afterAll(() => shop[Symbol.asyncDispose]());

// Both runtimes show the same: one file of golden screens for both. The calls are made last, since the others would show them.
describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
	test.each([
		[80, 24],
		[40, 10],
		[160, 50],
	])(
		'the screen of %i×%i',
		async (columns, rows) => {
			await using screen = shop.top({ runtime, columns, rows });
			const seen = (pattern: RegExp, name: string) =>
				expectGolden(screen, pattern, `${columns}x${rows}-${name}`, (text) => normalised(text, shop.address));
			await screen.until(/live/);
			await screen.until(/5 ?Logs 1|5Logs/);
			screen.type('4');
			await seen(/▸ cli +\*\*/, 'subscriptions');
			screen.type('1');
			await seen(/▸ shop +running/, 'plugins');
			screen.type('?');
			await seen(/type to search/, 'help');
			screen.type('\x1b');
			await screen.until(/PLUGIN/);
			screen.type('q');
			expect((await screen.exited).code).toBe(0);
			expectRestored(screen);
		},
		180_000,
	);
});

test.each([
	[80, 24],
	[160, 50],
])(
	'a call that failed, on %i×%i',
	async (columns, rows) => {
		await using screen = shop.top({ columns, rows });
		await screen.until(/live/);
		expect((await shop.call('order')).code).toBe(5);
		screen.type('2');
		await screen.until(/order .*failed/);
		screen.type('\r');
		await screen.until(/no lamp is left/);
		await expectGolden(screen, /row of lamp is locked/, `${columns}x${rows}-failed-call`, (text) =>
			normalised(text, shop.address).replace(/Logs \d/, 'Logs #'),
		);
	},
	180_000,
);

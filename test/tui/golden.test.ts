import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalised } from './normalised.ts';
import { expectRestored, ServedShop } from './served-shop.ts';

const shop = new ServedShop();
beforeAll(() => shop.start(), 90_000);
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
			const seen = async (pattern: RegExp, name: string) => {
				const text = normalised(await screen.until(pattern), shop.address);
				await expect(text).toMatchFileSnapshot(`golden/${columns}x${rows}-${name}.txt`);
			};
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
		60_000,
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
		const text = normalised(await screen.until(/row of lamp is locked/), shop.address);
		await expect(text.replace(/Logs \d/, 'Logs #')).toMatchFileSnapshot(
			`golden/${columns}x${rows}-failed-call.txt`,
		);
	},
	60_000,
);

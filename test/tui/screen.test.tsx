import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import type { CallFacts } from '../../src/tui/feed/feed-message.ts';
import { App } from '../../src/tui/screen/app.tsx';
import { columnsOf } from '../../src/tui/text/columns.ts';
import { ListMode } from '../../src/tui/view/modes/list-mode.ts';
import { Ui } from '../../src/tui/view/ui.ts';
import { waitUntil } from '../support/wait-until.ts';
import { FakeFeed, pluginFacts } from './fake-feed.ts';

const opened: Ui[] = [];
afterEach(() => {
	for (const ui of opened.splice(0)) ui.close();
	cleanup();
});

/** Lets what was pressed be read and drawn: a lone Esc waits a turn for what may follow it. */
async function drawn(): Promise<void> {
	for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function open(columns = 80, rows = 24) {
	const feed = new FakeFeed();
	const copied: string[] = [];
	const ui = new Ui({ feed, copy: (text) => copied.push(text) }, (self) => new ListMode(self));
	opened.push(ui);
	const { lastFrame, stdin } = render(<App ui={ui} size={() => ({ columns, rows })} />);
	// Keys are read from then on.
	await waitUntil(() => stdin.listenerCount('readable') > 0);
	ui.open();
	const frame = () => lastFrame() ?? '';
	return {
		feed,
		ui,
		copied,
		frame,
		press: (keys: string) => {
			stdin.write(keys);
			return drawn();
		},
		tell: (...messages: Parameters<FakeFeed['tell']>[0][]) => {
			for (const message of messages) feed.tell(message);
			ui.resume();
			return drawn();
		},
	};
}

const failed: CallFacts = {
	id: '1.c1',
	plugin: 'shop',
	name: 'order',
	caller: 'cli',
	startedAt: Date.UTC(2026, 0, 1, 12),
	state: 'failed',
	latencyMs: 12,
	arguments: { article: 'lamp' },
	error: {
		code: 'out_of_stock',
		message: 'no lamp is left',
		hint: 'Order it again.',
		causes: ['row locked'],
	},
};

/** Text that is wide, that would break the layout, and that would reach the terminal. */
const hostile = '年報🎉\u001b[2J\u001b]52;c;eA==\u0007\nsecond line\u202e';

describe('the screen', () => {
	test.each([
		[80, 24],
		[40, 10],
		[160, 50],
		[121, 17],
	])('of %i×%i leaves the last row and column free, whatever peers say', async (columns, rows) => {
		const { tell, frame, press } = await open(columns, rows);
		await tell(
			{ kind: 'plugins', plugins: [pluginFacts(hostile, { reason: hostile, tools: [hostile] })] },
			{
				kind: 'call',
				call: { ...failed, name: hostile, caller: hostile, error: { code: hostile, message: hostile } },
			},
			{
				kind: 'events',
				events: [
					{
						id: '1',
						time: 0,
						topic: hostile,
						eventType: hostile,
						source: hostile,
						payload: { [hostile]: hostile },
					},
				],
			},
			{ kind: 'subscriptions', subscriptions: [{ subscriber: hostile, topics: [hostile], missed: 3 }] },
			{ kind: 'logs', lines: [{ plugin: hostile, time: 0, level: hostile, text: hostile }] },
		);
		for (const keys of [
			'1',
			'2',
			'3',
			'4',
			'5',
			'\r',
			'\x1b',
			'?',
			'\x1b',
			':x',
			'\x1b',
			'/y',
			'\x1b',
			'1r',
			'n',
		]) {
			await press(keys);
			const lines = frame().split('\n');
			expect(lines, keys).toHaveLength(rows - 1);
			for (const line of lines) expect(columnsOf(line), `${keys}: ${line}`).toBeLessThanOrEqual(columns - 1);
			// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
			expect(frame(), keys).not.toMatch(/[\x00-\x09\x0b-\x1a\x1c-\x1f\x07\u202e]|\x1b(?!\[[\d;]*m)/);
		}
	});

	test('says it where there is too little room', async () => {
		const { frame } = await open(20, 5);
		expect(frame().replaceAll('\n', ' ')).toMatch(/20×5 is too +small: 40×10 is +needed/);
	});

	test('shows a call with its error, its cause, its arguments and where its time went', async () => {
		const { tell, press, frame, copied } = await open(80, 40);
		await tell({
			kind: 'call',
			call: {
				...failed,
				timing: [
					['queue', 1],
					['wire', 3],
					['handler', 8],
				],
			},
		});
		await press('2\r');
		for (const text of [
			'no lamp is left',
			'out_of_stock',
			'row locked',
			'Order it again.',
			'"lamp"',
			'handler',
		]) {
			expect(frame()).toContain(text);
		}
		await press('y');
		expect(JSON.parse(copied[0] ?? '')).toMatchObject({ id: '1.c1', error: { code: 'out_of_stock' } });
		await press('\x1b');
	});

	test('pauses: what comes is shown when it goes on', async () => {
		const { feed, press, frame, ui } = await open();
		await press('2 ');
		expect(frame()).toContain('paused');
		feed.tell({ kind: 'call', call: failed });
		await new Promise((resolve) => setTimeout(resolve, 150));
		expect(frame()).not.toContain('out_of_stock');
		await press(' ');
		expect(frame()).toContain('out_of_stock');
		expect(ui.paused).toBe(false);
	});

	test('follows the newest until somebody goes up, and again at f', async () => {
		const { tell, press, frame } = await open();
		const call = (id: string) => ({ kind: 'call', call: { ...failed, id, name: `tool-${id}` } }) as const;
		await tell(call('1'), call('2'));
		await press('2');
		expect(frame()).toMatch(/▸ .*tool-2/);
		await press('k');
		await tell(call('3'));
		expect(frame()).toMatch(/▸ .*tool-1/);
		await press('f');
		expect(frame()).toMatch(/▸ .*tool-3/);
		await tell(call('4'));
		expect(frame()).toMatch(/▸ .*tool-4/);
	});

	test('asks before it stops a plugin, and says why that failed', async () => {
		const { feed, tell, press, frame } = await open();
		await tell({ kind: 'plugins', plugins: [pluginFacts('shop')] });
		await press('s');
		expect(frame()).toContain('stop shop?');
		await press('n');
		expect(feed.asked).toEqual([]);
		feed.failure = new Error('it may not be stopped');
		await press('sy');
		expect(feed.asked).toEqual([['stop', 'shop']]);
		await waitUntil(() => frame().includes('it may not be stopped'));
	});

	test('completes commands, and says what is wrong with them', async () => {
		const { tell, press, frame } = await open();
		await tell({ kind: 'plugins', plugins: [pluginFacts('shop'), pluginFacts('shelf')] });
		await press(':restart s');
		expect(frame()).toContain('shop  shelf');
		await press('\t');
		expect(frame()).toMatch(/:restart sh/);
		await press('x\r');
		expect(frame()).toMatch(/there is no plugin shx\. There are: shop, shelf/);
		await press('\x15nonsense\r');
		expect(frame()).toContain('there is no command nonsense');
		await press('\x1b');
	});

	test('searches the help', async () => {
		const { press, frame } = await open();
		await press('?clipb');
		expect(frame()).toContain('Copy what is selected to the clipboard');
		expect(frame()).not.toContain('Restart the plugin');
		await press('\x1b');
	});

	test('takes pasted text as text, whatever is in it', async () => {
		const { ui, press, frame } = await open();
		await press('/');
		await press('\x1b[200~');
		await press('a\rq\tb');
		await press('\x1b[201~');
		expect(ui.list.filter).toBe('a q b');
		await press('\r');
		expect(frame()).toContain('/a q b');
	});

	test('reads the values of a form by its schema', async () => {
		const { feed, tell, press, frame } = await open();
		feed.tools = [
			{
				name: 'price',
				description: 'The price.',
				streaming: false,
				inputSchema: {
					type: 'object',
					properties: {
						article: { type: 'string' },
						count: { type: 'integer' },
						gift: { type: 'boolean' },
						tags: { type: 'array', items: { type: 'string' } },
					},
					required: ['article'],
				},
			},
		];
		await tell({ kind: 'plugins', plugins: [pluginFacts('shop')] });
		await press('c');
		await waitUntil(() => frame().includes('*article'));
		await press('lamp\tmany\r');
		expect(frame()).toContain('it has to be integer');
		await press('\x15' + '3\t \tred\r');
		expect(feed.asked).toEqual([['call', 'price', { article: 'lamp', count: 3, gift: true, tags: ['red'] }]]);
	});
});

test('the command bar completes behind several blanks', async () => {
	const { tell, frame, press } = await open();
	await tell({ kind: 'plugins', plugins: [pluginFacts('shop')] });
	await press(':restart   sh');
	await press('\t');
	expect(frame()).toMatch(/:restart shop/);
});

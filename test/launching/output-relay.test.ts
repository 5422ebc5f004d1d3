import { describe, expect, it } from 'vitest';
import { OutputRelay } from '../../src/runtime/launching/output-relay.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

describe('output', () => {
	it('reaches a listener at once, in order', () => {
		const heard: string[] = [];
		const relay = new OutputRelay((line, stream) => {
			heard.push(`${stream} ${line}`);
		});
		relay.push('a', 'stdout');
		relay.push('b', 'stderr');
		expect(heard).toEqual(['stdout a', 'stderr b']);
	});

	it('waits for a slow listener up to its bound, drops the rest, and says how much', async () => {
		const heard: string[] = [];
		let release: (() => void) | undefined;
		const relay = new OutputRelay((line) => {
			heard.push(line);
			return new Promise((resolve) => {
				release = resolve;
			});
		});
		const line = 'x'.repeat(100_000);
		for (let at = 0; at < 20; at++) relay.push(`${at} ${line}`, 'stdout');
		expect(heard).toHaveLength(1);
		// One is with the listener, ten wait, nine did not fit into 1 Mi characters.
		expect(relay.dropped).toBe(9);
		await expect
			.poll(() => {
				release?.();
				return heard.length;
			})
			.toBe(12);
		expect(heard[10]).toMatch(/^10 x/);
		expect(heard[11]).toBe('(9 lines of output were dropped here: they came faster than they were read)');
		release?.();
		await Promise.resolve();
		relay.push('again', 'stdout');
		expect(heard.at(-1)).toBe('again');
	});

	it('reaches a listener that is always a little behind for ever', async () => {
		let heard = 0;
		const relay = new OutputRelay(async () => void heard++);
		const line = 'x'.repeat(400_000);
		for (let at = 1; at <= 8; at++) {
			relay.push(line, 'stdout');
			relay.push(line, 'stdout');
			await expect.poll(() => heard).toBe(2 * at);
		}
		expect(relay.dropped).toBe(0);
	});

	it('that is empty lines only waits up to the bound, too', () => {
		const relay = new OutputRelay(() => new Promise(() => {}));
		for (let at = 0; at < 1024 * 1024 + 3; at++) relay.push('', 'stdout');
		expect(relay.dropped).toBe(1);
	});

	it('goes on after a listener that throws or rejects, and counts what it lost', async () => {
		const warnings: string[] = [];
		const onWarning = (warning: Error) => warnings.push(warning.message);
		process.on('warning', onWarning);
		try {
			let calls = 0;
			const relay = new OutputRelay(() => {
				calls++;
				if (calls === 1) throw new Error('first');
				if (calls === 2) return Promise.reject(new Error('second'));
				return undefined;
			});
			for (const line of ['a', 'b', 'c']) relay.push(line, 'stdout');
			await expect.poll(() => calls).toBe(3);
			expect(relay.dropped).toBe(2);
			await expect.poll(() => warnings).toEqual(["The listener of a plugin's output failed: first"]);
		} finally {
			process.off('warning', onWarning);
		}
	});
});

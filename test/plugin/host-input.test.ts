import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHostInput } from '../../src/runtime/plugin/process/host-input.ts';

let stdin: PassThrough;
const own = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
beforeEach(() => {
	stdin = new PassThrough();
	Object.defineProperty(process, 'stdin', { configurable: true, value: stdin });
});
afterEach(() => {
	Object.defineProperty(process, 'stdin', own);
	stdin.destroy();
});

test('a line that is too long is thrown away whole: its tail is no line', async () => {
	const lines: string[] = [];
	readHostInput({ line: (text) => lines.push(text), gone() {} });
	stdin.write('first\n');
	stdin.write(`a${'x'.repeat(4 * 1024 * 1024)}`);
	stdin.write('its tail\nnext\n');
	await expect.poll(() => lines).toEqual(['first', 'next']);
});

test('the end of the host is told once, however it shows', async () => {
	let ends = 0;
	readHostInput({ line() {}, gone: () => ends++ });
	stdin.end('half of a line');
	await expect.poll(() => stdin.closed).toBe(true);
	expect(ends).toBe(1);
});

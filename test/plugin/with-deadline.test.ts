import { expect, test } from 'vitest';
import { withDeadline } from '../../src/runtime/platform/with-deadline.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

const late = () => new OrchestraError('deadline_exceeded', 'too late');

test('a hook that ends in time leaves no timer, whatever it comes to', async () => {
	expect(await withDeadline(600_000, () => 'done', late)).toBe('done');
	const fails = () => {
		throw new Error('no');
	};
	await expect(withDeadline(600_000, fails, late)).rejects.toThrow('no');
});

test('a hook that does not end is given up', async () => {
	await expect(withDeadline(1, () => new Promise(() => {}), late)).rejects.toThrow('too late');
});

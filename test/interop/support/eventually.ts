import { expect } from 'vitest';

/** Expects something of a value that becomes so in a moment: asks again every 20 ms. */
export function eventually<T>(get: () => T | Promise<T>) {
	return expect.poll(get, { interval: 20 });
}

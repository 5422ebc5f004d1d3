import { expect } from 'vitest';

/** Expects something of a value that becomes so in a moment: asks again for 10 s, which a busy machine may need. */
export function eventually<T>(get: () => T | Promise<T>) {
	return expect.poll(get, { timeout: 10_000, interval: 20 });
}

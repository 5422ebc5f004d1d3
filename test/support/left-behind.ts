import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type LeftBehindOptions, LeftBehindWatch } from './left-behind-watch.ts';

/**
 * Checks after each test of a file, or of the `describe` that it is called in, that nothing stays of it: no timer that the sources
 * started, none of their listeners on the signal of a test, no socket or pipe, no process. What was there before the test may stay.
 */
export function expectNothingLeftBehind(options: LeftBehindOptions = {}): void {
	const watch = new LeftBehindWatch(options);
	beforeAll(() => watch.start());
	afterAll(() => watch.stop());
	beforeEach(() => watch.beginCase());
	afterEach(() => watch.endCase());
}

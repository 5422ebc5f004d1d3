import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { PeerError } from '../../src/runtime/client/peer-error.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';

test.each([
	['deadline_exceeded', 6, 6],
	['overloaded', 4, 5],
	['invalid_arguments', 2, 2],
	['handler_error', 5, 5],
	['boot_failed', 4, 4],
	['cancelled', 130, 5],
	['internal', 1, 5],
	['weather_is_bad', 1, 5],
])('%s exits with %d, and with %d where a plugin answered it', (code, own, answered) => {
	expect(exitCodeOf(new OrchestraError(code, 'x'))).toBe(own);
	expect(exitCodeOf(new PeerError(code, 'x', { peer: 'weather' }))).toBe(answered);
	expect(exitCodeOf(new PeerError(code, 'x', { peer: 'weather', origin: 'orchestrator' }))).toBe(own);
});

test('what is no error of ours is a defect', () => {
	expect(exitCodeOf(new TypeError('x'))).toBe(1);
	expect(exitCodeOf(undefined)).toBe(1);
});

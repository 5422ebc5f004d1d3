import { describe, expect, test } from 'vitest';
import { HclogReader } from '../../../src/runtime/launching/go-plugin/hclog-line.ts';
import { expectNothingLeftBehind } from '../../support/left-behind.ts';

expectNothingLeftBehind();

describe('G11 a line of a Go plugin on stderr', () => {
	test.each([
		[
			'{"@level":"warn","@message":"low","@timestamp":"2026-01-01T00:00:00Z","@module":"kv","left":3}',
			{ level: 'warn', message: 'low', fields: { module: 'kv', left: 3 } },
		],
		['{"@level":"trace","@message":"in detail"}', { level: 'debug', message: 'in detail' }],
		['{"@level":7,"@message":"odd"}', { level: 'info', message: 'odd' }],
		['[ERROR] it broke', { level: 'error', message: 'it broke' }],
		['[TRACE]  spaced', { level: 'debug', message: 'spaced' }],
		// Plain output, whatever it looks like.
		['[NOTE] plain', undefined],
		['plain', undefined],
		['', undefined],
		['{"@message":1}', undefined],
		['{"message":"of another logger"}', undefined],
		['{not json', undefined],
		['[1,2]', undefined],
	])('%s', (line, expected) => {
		expect(new HclogReader().read(line)).toEqual(expected);
	});

	test('is an error after a panic, whatever it is', () => {
		const reader = new HclogReader();
		expect(reader.read('before')).toBeUndefined();
		expect(reader.read('panic: runtime error')).toEqual({ level: 'error', message: 'panic: runtime error' });
		expect(reader.read('goroutine 1 [running]:')).toEqual({
			level: 'error',
			message: 'goroutine 1 [running]:',
		});
	});
});

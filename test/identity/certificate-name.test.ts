import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertCertificateName } from '../../src/runtime/identity/certificate-name.ts';

describe('assertCertificateName', () => {
	test.each([
		'a',
		'weather',
		'tools.features',
		'orchestrator-to-tools.features',
		'_x',
		'9lives',
		'Ca2',
		'a'.repeat(64),
		'ca-client',
	])('takes %j', (name) => {
		expect(() => assertCertificateName(name)).not.toThrow();
	});

	test.each([
		'',
		'ca',
		'CA',
		'.',
		'..',
		'.hidden',
		'-flag',
		'a..b',
		'a.',
		'../x',
		'a/b',
		'a\\b',
		'a\0b',
		'a\nb',
		'a b',
		'wé',
		'C:x',
		'nul',
		'COM1.tools',
		'a'.repeat(65),
	])('refuses %j', (name) => {
		expect(() => assertCertificateName(name)).toThrow(expect.objectContaining({ code: 'invalid_name' }));
	});

	test('a name that passes stays in its directory, whatever it is', () => {
		const odd = fc.oneof(
			fc.string(),
			fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '-', '~', ':', '\0') }),
		);
		fc.assert(
			fc.property(odd, (name) => {
				try {
					assertCertificateName(name);
				} catch {
					return;
				}
				expect(join('/certs', `${name}.key`)).toBe(`/certs/${name}.key`);
				expect(basename(`${name}.key`)).not.toBe('ca.key');
			}),
		);
	});

	test('says what is wrong without repeating a name of any length', () => {
		expect(() => assertCertificateName('x'.repeat(100_000))).toThrow(/^.{1,200}$/);
	});
});

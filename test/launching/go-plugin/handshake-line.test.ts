import { describe, expect, test } from 'vitest';
import { parseHandshake } from '../../../src/runtime/launching/go-plugin/handshake-line.ts';
import { expectNothingLeftBehind } from '../../support/left-behind.ts';

expectNothingLeftBehind();

/** Longer than 50 characters: a certificate. */
const certificate = Buffer.from('a certificate of some sixty bytes, without its padding.').toString('base64');

describe('G3 a handshake line', () => {
	test.each([
		['1|1|tcp|127.0.0.1:1234|grpc', { version: 1, network: 'tcp', address: '127.0.0.1:1234' }],
		['1|2|unix|/tmp/p|grpc', { version: 2, network: 'unix', address: '/tmp/p' }],
		['1|1|unix|/tmp/p|grpc|too short', { version: 1, network: 'unix', address: '/tmp/p' }],
		['1|1|unix|/tmp/p|grpc||true', { version: 1, network: 'unix', address: '/tmp/p' }],
		[' 1|1|unix|/tmp/p|grpc|\r', { version: 1, network: 'unix', address: '/tmp/p' }],
	])('%s is taken', (line, expected) => {
		expect(parseHandshake(line, 'kv', [1, 2])).toEqual({ ...expected, certificate: undefined });
	});

	test('has the certificate in base64 without padding, before a seventh field', () => {
		const unpadded = certificate.replace(/=+$/, '');
		const { certificate: read } = parseHandshake(`1|1|unix|/p|grpc|${unpadded}|true`, 'kv', [1]);
		expect(Buffer.from(read ?? []).toString()).toContain('without its padding');
	});

	test.each([
		['hello', /kv printed what is no handshake of a go-plugin: "hello"/],
		['1|1|unix', /no handshake of a go-plugin: "1\|1\|unix"/],
		['2|1|unix|/p|grpc', /kv speaks version "2" of go-plugin's own protocol, and this host speaks 1/],
		['1|9|unix|/p|grpc', /kv speaks version "9" of its protocol, and this host offered 1, 2/],
		['1|x|unix|/p|grpc', /version "x"/],
		['1|1|pipe|x|grpc', /neither unix nor tcp: "pipe"/],
		['1|1|tcp|10.0.0.1:80|grpc', /"10.0.0.1:80", which is not of this machine/],
		['1|1|tcp|80|grpc', /not of this machine/],
		['1|1|unix|/tmp/plugin123', /kv speaks "netrpc", and this host speaks gRPC/],
		['1|1|unix|/p|carrier pigeon', /kv speaks "carrier pigeon"/],
		[`1|1|pipe${'x'.repeat(5_000)}|x|grpc`, /…"$/],
	])('%s is refused, with the name of the plugin', (line, message) => {
		expect(() => parseHandshake(line, 'kv', [1, 2])).toThrow(
			expect.objectContaining({ code: 'start_failed', message: expect.stringMatching(message) }),
		);
	});
});

import { describe, expect, it } from 'vitest';
import { dialableAddress, parseReadyLine } from '../../src/runtime/launching/ready-line.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

describe('the READY line', () => {
	it.each([
		['READY 127.0.0.1:50100', { carrier: 'quic', host: '127.0.0.1', port: 50100 }],
		['READY [::1]:50100', { carrier: 'quic', host: '::1', port: 50100 }],
		['READY localhost:1 ', { carrier: 'quic', host: 'localhost', port: 1 }],
		['READY tcp://127.0.0.1:50101', { carrier: 'tcp', host: '127.0.0.1', port: 50101 }],
	])('%s names an address', (line, address) => {
		expect(parseReadyLine(line)).toEqual(address);
	});

	it.each(['', 'ready 127.0.0.1:1', ' READY 127.0.0.1:1', 'READY or not, here I come', 'READY127.0.0.1:1'])(
		'%j is other output',
		(line) => {
			expect(parseReadyLine(line)).toBeUndefined();
		},
	);

	it.each(['READY', 'READY nowhere', 'READY 127.0.0.1:99999', 'READY http://127.0.0.1:80'])(
		'%j is no address',
		(line) => {
			expect(() => parseReadyLine(line)).toThrow(expect.objectContaining({ code: 'invalid_address' }));
		},
	);

	it('of a plugin that listens everywhere is dialled over loopback', () => {
		expect(dialableAddress({ carrier: 'quic', host: '::', port: 1 }).host).toBe('::1');
		expect(dialableAddress({ carrier: 'quic', host: '0.0.0.0', port: 1 }).host).toBe('127.0.0.1');
		expect(dialableAddress({ carrier: 'quic', host: '10.0.0.1', port: 1 }).host).toBe('10.0.0.1');
	});
});

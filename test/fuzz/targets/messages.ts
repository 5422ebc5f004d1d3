import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../../src/runtime/wire/frame.ts';
import type { PluginRequest, PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

const value = { text: 'grüß', list: [1, -0.5, null, true, { deep: [[]] }], '': 'empty', __proto__: 1 };
const many = { a: 'b', c: '' };

/** One of each kind, with all that can be in it. */
const requests: readonly PluginRequest[] = [
	{ register: { id: 'p', version: '1.0.0', providesTools: ['a', 'b'], env: many, args: ['--x'] } },
	{ boot: { config: many } },
	{ shutdown: { timeoutSeconds: 5 } },
	{ health: {} },
	{ toolCall: { toolName: 't', arguments: value, callerPlugin: 'c', traceParent: '00-1', sessionId: 's' } },
	{ listTools: {} },
	{ listPrompts: {} },
	{ promptGet: { promptName: 'p', arguments: many } },
	{ storageRead: { path: 'p', storageType: 't' } },
	{ storageWrite: { path: 'p', content: new Uint8Array(20), metadata: value, expectedVersion: 2 ** 40 } },
	{ storageDelete: { path: 'p' } },
	{ storageList: { prefix: 'p', pattern: '*' } },
	{ streamStart: { streamId: 's', toolName: 't', arguments: value }, acceptsProgress: true, streamWindow: 9 },
	{ streamCancel: { streamId: 's' } },
	{ subscribe: { subscriptionId: 's', topic: 't', filters: many } },
	{ unsubscribe: { subscriptionId: 's' } },
	{ publish: { topic: 't', eventType: 'e', payload: value, sourcePlugin: 'p' } },
	{ describe: {}, timeoutMs: 4_000_000_000 },
	{ streamCredit: { bytes: 2 ** 32 - 1 } },
	{ streamInput: { data: new Uint8Array(12), contentType: 'c', end: true } },
	{ serviceCall: { service: 's', version: 1, method: 'm', arguments: value }, sendsInput: true },
];

const responses: readonly PluginResponse[] = [
	{ register: { accepted: true, rejectReason: 'r' } },
	{ boot: { ready: true, error: 'e' } },
	{ shutdown: { clean: true } },
	{ health: { status: 2, message: 'm', details: many } },
	{ toolCall: { success: true, result: value, errorCode: 'c', errorMessage: 'm' } },
	{ listTools: { tools: [{ name: 't', description: 'd', inputSchema: value, streaming: true }] } },
	{ listPrompts: { prompts: [{ name: 'p', arguments: [{ name: 'a', required: true }] }] } },
	{ promptGet: { messages: [{ role: 'user', content: { type: 'text', text: 't' } }] } },
	{ storageRead: { content: new Uint8Array(9), metadata: value, version: -1 } },
	{ storageWrite: { success: true, newVersion: 2 ** 53 - 1 } },
	{ storageDelete: { success: true } },
	{ storageList: { entries: [{ path: 'p', size: 1, modifiedAt: { seconds: -5, nanos: 7 } }] } },
	{ streamChunk: { streamId: 's', data: new Uint8Array(30), contentType: 'c', sequence: 3 } },
	{ streamEnd: { streamId: 's', success: true, totalChunks: 4 } },
	{ eventDelivery: { subscriptionId: 's', topic: 't', payload: value, timestamp: { seconds: 1 } } },
	{ describe: { plugins: [{ id: 'p' }], software: 's', extensions: ['x'], orchestrator: true } },
	{ inputCredit: { bytes: 2 ** 32 - 1 } },
	{ progress: { progress: 0.5, total: 1e300, message: 'm' } },
	{ error: { code: 'c', message: 'm', retryable: true, details: value, hint: 'h' } },
];

/** The payload of a frame. What can be read is written back, and then reads and writes the same for ever. */
export function messageTarget(kind: 'requests' | 'responses'): FuzzTarget {
	const rewrite =
		kind === 'requests'
			? (payload: Uint8Array) => encodeRequestFrame(decodeRequest(payload)).subarray(4)
			: (payload: Uint8Array) => encodeResponseFrame(decodeResponse(payload)).subarray(4);
	const seeds =
		kind === 'requests'
			? requests.map((request) => encodeRequestFrame({ requestId: 'r1', ...request }).subarray(4))
			: responses.map((response) => encodeResponseFrame({ requestId: 'r1', ...response }).subarray(4));
	return {
		seeds,
		dictionary: wireDictionary,
		maxBytes: 4000,
		run: (input) => checkRewriting(input, rewrite),
	};
}

/** Checks that what can be read has one way to be written. */
export function checkRewriting(input: Uint8Array, rewrite: (payload: Uint8Array) => Uint8Array): void {
	let once: Uint8Array;
	try {
		// Numbers beyond 2^53 can be read, as the nearest, and not written.
		once = rewrite(input);
	} catch (error) {
		allow(error, ['malformed_message', 'nesting_too_deep', 'not_json']);
		return;
	}
	const twice = rewrite(once);
	expect(Buffer.compare(once, twice) === 0, 'what was written reads as what was written');
}

/** Tags, lengths and numbers in the forms that protobuf allows, and just beyond. */
export const wireDictionary: readonly Uint8Array[] = [
	'0a00',
	'1200',
	'2001',
	'0800',
	'0a0161',
	'8001',
	'ffffffff0f',
	'ffffffffffffffffff01',
	'80808080808080808001',
	'0b',
	'0c',
	'9b06',
	'9c06',
	'11000000000000f87f',
	'11000000000000f03f',
	'1a0161',
	'2a00',
	'3200',
	'320212 00',
	'ed a0 80',
	'f4908080',
	'c080',
	'efbfbd',
	'efbbbf',
	'a201',
	'8202',
	'c202',
	'aa06',
	'f206',
].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));

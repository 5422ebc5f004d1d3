import { expect, test } from 'vitest';
import { httpGate } from '../../src/mcp/serving/http-gate.ts';
import { serveMcpHttp } from '../../src/mcp/serving/serve-http.ts';
import { handleSubscriptions } from '../../src/mcp/serving/subscriptions.ts';

const statusOf = (gate: ReturnType<typeof httpGate>, headers: Record<string, string>) =>
	gate(headers)?.status;

test('without a token a request has to name this machine, and to come from no page of another', () => {
	const gate = httpGate({ host: '127.0.0.1' });
	expect(statusOf(gate, { host: '127.0.0.1:8080' })).toBeUndefined();
	expect(statusOf(gate, { host: 'localhost' })).toBeUndefined();
	expect(statusOf(gate, { host: 'localhost', origin: 'http://localhost:3000' })).toBeUndefined();
	expect(statusOf(gate, { host: 'evil.example' })).toBe(403);
	expect(statusOf(gate, { host: 'localhost', origin: 'https://evil.example' })).toBe(403);
});

test('with a token a request has to bring it, whole, by whatever name it comes', () => {
	const gate = httpGate({ host: '0.0.0.0', token: 'a secret of some length' });
	const token = httpGate({ host: '0.0.0.0', token: 'token' });
	expect(statusOf(token, { host: 'proxy.example', authorization: 'Bearer token' })).toBeUndefined();
	for (const authorization of ['', 'Bearer', 'Bearer toke', 'Bearer tokens', 'Basic token'])
		expect(statusOf(token, { host: 'localhost', authorization })).toBe(401);
	expect(statusOf(gate, { host: 'localhost' })).toBe(401);
});

test('off loopback nothing is served without a token', async () => {
	await expect(serveMcpHttp(undefined as never, { host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
		code: 'usage',
		hint: expect.stringContaining('ORCHESTRA_MCP_TOKEN'),
	});
});

test('a client hears of 1,024 resources at most, and of none that it has given up', async () => {
	const handlers = new Map<string, (request: object) => unknown>();
	const server = {
		setRequestHandler: (method: string, handler: (request: object) => unknown) =>
			handlers.set(method, handler),
	};
	const subscribed = handleSubscriptions(server as never);
	const ask = (method: string, uri: string) => handlers.get(method)?.({ params: { uri } });
	for (let count = 0; count < 1024; count++) ask('resources/subscribe', `test://${count}`);
	expect(() => ask('resources/subscribe', 'test://more')).toThrow('1024 resources at most');
	ask('resources/unsubscribe', 'test://0');
	expect(subscribed.has('test://0')).toBe(false);
	ask('resources/subscribe', 'test://more');
	expect(subscribed.size).toBe(1024);
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, Listener } from '../../src/runtime/carrier/carrier.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { quicWorks } from '../launching/quic-works.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

// What a plugin registered with is forgotten a minute later, by a timer that keeps no process alive.
expectNothingLeftBehind({ except: [/^a timer of .*registrations\.ts/] });

const carriers = (await quicWorks()) ? (['tcp', 'quic'] as const) : (['tcp'] as const);

describe.each(carriers)('over %s, a certificate of plugin A', (carrier) => {
	const authority = createAuthority();
	let orchestrator: Orchestrator;
	let listener: Listener;
	let connections: Connection[] = [];

	beforeEach(async () => {
		connections = [];
		orchestrator = new Orchestrator();
		const address = { carrier, host: '127.0.0.1', port: 0 };
		listener = await orchestrator.listen(address, issueIdentity(authority, 'orchestrator'));
	});
	afterEach(async () => {
		for (const connection of connections) await connection.close();
		await orchestrator.stop();
	});

	async function register(certificate: string, id: string): Promise<unknown> {
		const connection = await dial(listener.address, { identity: issueIdentity(authority, certificate) });
		connections.push(connection);
		return createClient(connection)
			.register({ id, version: '1.0.0' })
			.then(
				() => 'accepted',
				(error: unknown) => error,
			);
	}

	test.each([
		['plugin.a', 'plugin.a'],
		['plugin.a-client', 'plugin.a'],
	])('named %s registers as %s', async (certificate, id) => {
		expect(await register(certificate, id)).toBe('accepted');
		expect(orchestrator.registrations.get(id)?.id).toBe(id);
	});

	test.each([
		['plugin.a', 'plugin.b'],
		['plugin.a-client', 'plugin.b'],
		['plugin.a', 'plugin.a-client'],
		['plugin.a', 'Plugin.a'],
		['plugin.a', ''],
		['orchestrator', 'plugin.a'],
	])('named %s cannot register as %s', async (certificate, id) => {
		expect(await register(certificate, id)).toMatchObject({ code: 'registration_rejected' });
		expect(orchestrator.registrations.get(id)).toBeUndefined();
	});

	test('that is the id of a plugin itself is no client of another', async () => {
		orchestrator.registrations.starting('http-client');
		const error = await register('http-client', 'http');
		expect(error).toMatchObject({ code: 'registration_rejected' });
		expect(String(error)).toContain('that of the plugin http-client');
		expect(await register('http-client', 'http-client')).toBe('accepted');
		expect(await register('http', 'http')).toBe('accepted');
	});

	test('cannot answer as plugin B', async () => {
		const server = issueIdentity(authority, 'plugin.a');
		await using other = new Orchestrator();
		const at = await other.listen({ carrier, host: '127.0.0.1', port: 0 }, server);
		const identity = issueIdentity(authority, 'orchestrator-to-plugin.b');
		await expect(dial(at.address, { identity, expectPeer: 'plugin.b' })).rejects.toMatchObject({
			code: 'identity_mismatch',
		});
	});
});

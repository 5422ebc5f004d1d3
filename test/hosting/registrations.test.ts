import { expect, test } from 'vitest';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import type { Peer } from '../../src/runtime/carrier/peer.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { Registrations } from '../../src/runtime/hosting/registrations.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { quicWorks } from '../launching/quic-works.ts';

function peer(name: string): Peer {
	return { name, carrier: 'tcp', address: 'tcp://127.0.0.1:1' };
}

test('what a peer registered with is forgotten once it has gone, unless it registers again or is hosted', async () => {
	const registrations = new Registrations((id) => id === 'hosted', 1);
	const [gone, back, hosted] = [peer('gone'), peer('back'), peer('hosted')];
	for (const one of [gone, back, hosted])
		expect(registrations.take({ id: one.name }, one).accepted).toBe(true);
	for (const one of [gone, back, hosted]) registrations.gone(one);
	registrations.take({ id: 'back' }, peer('back'));
	await expect.poll(() => registrations.get('gone')).toBeUndefined();
	expect(registrations.get('back')).toBeDefined();
	expect(registrations.get('hosted')).toBeDefined();
});

test('a manifest that is too long is not taken, nor what is too much of them all', () => {
	const registrations = new Registrations();
	const providesTools = ['x'.repeat(1024 * 1024)];
	expect(registrations.take({ id: 'long', providesTools }, peer('long'))).toMatchObject({ accepted: false });
	const large = { providesTools: ['x'.repeat(1_000_000)] };
	const taken = Array.from({ length: 40 }, (_, at) =>
		registrations.take({ id: `p${at}`, ...large }, peer(`p${at}`)),
	);
	expect(taken.filter(({ accepted }) => accepted)).toHaveLength(33);
	// Again is not more.
	expect(registrations.take({ id: 'p0', ...large }, peer('p0')).accepted).toBe(true);
	registrations.delete('p1');
	expect(registrations.take({ id: 'p39', ...large }, peer('p39')).accepted).toBe(true);
});

test('1,024 plugins may have registered, and each of them again', () => {
	const registrations = new Registrations();
	const take = (at: number) => registrations.take({ id: `p${at}` }, peer(`p${at}`)).accepted;
	for (let at = 0; at < 1024; at++) expect(take(at)).toBe(true);
	expect(take(1024)).toBe(false);
	expect(take(0)).toBe(true);
	registrations.delete('p1');
	expect(take(1024)).toBe(true);
});

test('a registration is waited for until it comes, or its process has ended', async () => {
	const registrations = new Registrations();
	expect(await registrations.expect('gone', Promise.resolve())).toBeUndefined();
	const coming = registrations.expect('here', new Promise(() => {}));
	registrations.take({ id: 'here', version: '1.0.0' }, peer('here'));
	expect(await coming).toMatchObject({ version: '1.0.0' });
});

test.each((await quicWorks()) ? (['tcp', 'quic'] as const) : (['tcp'] as const))(
	'an orchestrator hears that a peer has gone (%s)',
	async (carrier) => {
		const authority = createAuthority();
		await using orchestrator = new Orchestrator();
		const listener = await orchestrator.listen(
			{ carrier, host: '127.0.0.1', port: 0 },
			issueIdentity(authority, 'orchestrator'),
		);
		const went: string[] = [];
		orchestrator.registrations.gone = ({ name }) => void went.push(name);
		const client = createClient(
			await dial(listener.address, { identity: issueIdentity(authority, 'weather') }),
		);
		await client.register({ id: 'weather' });
		expect(went).toEqual([]);
		await client.close();
		await expect.poll(() => went).toEqual(['weather']);
	},
);

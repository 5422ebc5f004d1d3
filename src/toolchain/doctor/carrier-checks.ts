import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkCarrier } from '../../runtime/carrier/address.ts';
import { dial } from '../../runtime/carrier/network-carrier.ts';
import { createClient } from '../../runtime/client/plugin-client.ts';
import { identitySource } from '../../runtime/identity/sources/identity-source.ts';
import { ensureIdentity } from '../../runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../runtime/plugin/definition/create-plugin.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type DoctorCheck, type DoctorFinding, faultOf } from './finding.ts';

/** Milliseconds that each step of a call to ourselves may take. */
const stepTimeoutMs = 10_000;

/** Serves a plugin and calls it, with certificates of its own, so that those on the disk do not matter here. */
async function selfCall(carrier: NetworkCarrier): Promise<DoctorFinding> {
	const certsDir = mkdtempSync(join(realpathSync(tmpdir()), 'orchestra-doctor-'));
	const plugin = createPlugin('doctor')
		.registerTool('echo', { description: 'Answers what it is asked.' }, (args) => args)
		.build();
	try {
		const identity = identitySource(await ensureIdentity(certsDir, 'orchestrator'));
		const orchestrator = new Orchestrator({ identity });
		try {
			await orchestrator.embed(plugin);
			const { address } = await orchestrator.listen({ carrier, host: '127.0.0.1', port: 0 });
			const caller = await ensureIdentity(certsDir, 'cli');
			const client = createClient(await dial(address, { identity: caller, timeoutMs: stepTimeoutMs }));
			const startedAt = performance.now();
			await client.callTool('echo', { text: 'hello' }, { timeoutMs: stepTimeoutMs });
			const took = performance.now() - startedAt;
			await client.close();
			return { check: carrier, state: 'ok', message: `a call to ourselves took ${took.toFixed(1)} ms` };
		} finally {
			await orchestrator.stop();
		}
	} finally {
		rmSync(certsDir, { recursive: true, force: true });
	}
}

/** Whether calls go over TCP with mutual TLS. */
export const tcpCheck: DoctorCheck = { name: 'tcp', run: async () => [await selfCall('tcp')] };

/** Whether calls go over QUIC. Without it all works over TCP: a warning, except where somebody named a binding. */
export const quicCheck: DoctorCheck = {
	name: 'quic',
	async run() {
		try {
			return [await selfCall('quic')];
		} catch (error) {
			if (!(error instanceof OrchestraError) || error.code !== 'carrier_unavailable') throw error;
			if (process.env.ORCHESTRA_QUIC_BINDING) {
				return [faultOf('quic', error, 'unset ORCHESTRA_QUIC_BINDING')];
			}
			const mend = 'npm install --include=optional @matrixai/quic';
			return [{ ...faultOf('quic', error, mend), state: 'warning' }];
		}
	},
};

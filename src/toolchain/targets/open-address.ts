import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, formatAddress } from '../../runtime/carrier/address.ts';
import { dial } from '../../runtime/carrier/network-carrier.ts';
import { createClient } from '../../runtime/client/plugin-client.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import { ensureIdentity } from '../../runtime/identity/upkeep/ensure-identity.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OpenedTarget, OpenTargetOptions } from './opened-target.ts';

/** The name on the certificate that the command line shows to whom it calls. */
const clientName = 'cli';

async function clientIdentity(address: Address, certsDir: string): Promise<Identity> {
	if (address.carrier === 'tcp+plain') {
		return { name: clientName, certificatePem: '', privateKeyPem: '', caPem: '' };
	}
	// A CA made now could not have issued the certificate of something that runs already.
	if (!existsSync(join(certsDir, 'ca.crt'))) {
		throw new OrchestraError('certificate_missing', `there is no CA in ${certsDir}`, {
			hint: `To call ${formatAddress(address)}, name the certificates directory that it uses with --certs-dir.`,
			details: { certsDir },
		});
	}
	return ensureIdentity(certsDir, clientName);
}

/** Connects to something that runs already. */
export async function openAddress(address: Address, options: OpenTargetOptions): Promise<OpenedTarget> {
	const identity = await clientIdentity(address, resolveCertsDir(options.certsDir));
	const connection = await dial(address, { identity, timeoutMs: options.timeoutMs, signal: options.signal });
	const client = createClient(connection, { traceParent: options.traceParent });
	const close = () => client.close();
	try {
		const description = await client.describe({ timeoutMs: options.timeoutMs, signal: options.signal });
		return {
			how: 'connected',
			client,
			link: connection,
			manifests: description?.plugins ?? [],
			statuses: description?.statuses ?? [],
			canIssue: false,
			extensions: description !== undefined,
			orchestrator: description?.orchestrator ?? false,
			software: description?.software ?? '',
			close,
			[Symbol.asyncDispose]: close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

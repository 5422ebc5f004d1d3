// Ours over descriptors, tcp or quic, on Node and on Deno.

import { createClient, dial, parseAddress } from '../../dist/runtime/client.js';
import { launchPlugin } from '../../dist/runtime/host.js';
import { clientName, pluginId } from '../workload.mjs';
import { runClient, target } from './client-program.mjs';
import { clientTls } from './client-tls.mjs';
import { sessionOf } from './our-session.mjs';

const { address, carrier, certsDir, serverCommand } = target();
const { ca, cert, key } = clientTls(certsDir);
const identity = {
	name: clientName,
	certificatePem: cert.toString(),
	privateKeyPem: key.toString(),
	caPem: ca.toString(),
};

/** A server of its own. */
async function launch() {
	const [command = '', ...args] = serverCommand ?? [];
	const launched = await launchPlugin({ command, args, id: pluginId, certsDir, carrier });
	return sessionOf(launched.client, () => launched.stop(), launched.pid);
}

/** A connection to the server of this run. */
async function connect() {
	const connection = await dial(parseAddress(address ?? '', carrier === 'tcp' ? 'tcp' : 'quic'), {
		identity,
		expectPeer: pluginId,
	});
	const client = createClient(connection);
	return sessionOf(client, () => client.close());
}

// On descriptors there is no server but the one that is started.
await runClient({ open: carrier === 'fd' ? launch : connect, launch });

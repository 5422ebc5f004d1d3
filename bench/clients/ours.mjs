// Ours over tcp or quic, on Node and on Deno.

import { loadIdentity } from '../../dist/runtime/identity/load-identity.js';
import { createClient, dial, parseAddress } from '../../dist/runtime/index.js';
import { launchPlugin } from '../../dist/runtime/launching/launch-plugin.js';
import { clientName, pluginId } from '../workload.mjs';
import { runClient, target } from './client-program.mjs';
import { sessionOf } from './our-session.mjs';

const { address, carrier, certsDir, serverCommand } = target();
const identity = await loadIdentity(certsDir, clientName);

await runClient({
	async open() {
		const connection = await dial(parseAddress(address ?? '', carrier), { identity, expectPeer: pluginId });
		const client = createClient(connection);
		return sessionOf(client, () => client.close());
	},
	async launch() {
		const [command = '', ...args] = serverCommand ?? [];
		const launched = await launchPlugin({ command, args, id: pluginId, certsDir, carrier });
		return sessionOf(launched.client, () => launched.stop());
	},
});

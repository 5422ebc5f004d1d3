// Ours with no process and no bytes between: the same dispatcher, the same client.
import { createClient } from '../../dist/runtime/client.js';
import { connectInProcess, createDispatcher, loneServices } from '../../dist/runtime/host.js';
import { plugin } from '../servers/ours.mjs';
import { clientName } from '../workload.mjs';
import { runClient } from './client-program.mjs';
import { sessionOf } from './our-session.mjs';

await runClient({
	async open() {
		const dispatcher = createDispatcher(
			plugin,
			loneServices(plugin.id, () => {}),
		);
		await dispatcher.boot();
		const connection = connectInProcess(dispatcher.handle, { callerName: clientName, plugin: plugin.id });
		const client = createClient(connection);
		return sessionOf(client, async () => {
			await client.close();
			await dispatcher.shutdown();
		});
	},
});

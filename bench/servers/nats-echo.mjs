// What plain NATS is measured with: answers requests, and hears the events of a stream. `node nats-echo.mjs DIRECTORY URL`.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventStream, natsTls } from '../cluster-workload.mjs';
import { echo, pluginId } from '../workload.mjs';

const [certsDir = '', url = ''] = process.argv.slice(2);
const connection = await connect({ servers: url, tls: natsTls(certsDir, pluginId) });
connection.subscribe('bench.echo', {
	queue: 'bench',
	callback: (error, message) => {
		if (!error) message.respond(JSON.stringify(echo(message.json())));
	},
});

let heard = 0;
/** @type {{ count: number, respond: () => void }[]} */
let waiting = [];
connection.subscribe('bench.heard', {
	callback: (error, message) => {
		if (error) return;
		waiting.push({ count: message.json(), respond: () => message.respond('') });
		tell();
	},
});
function tell() {
	for (const { count, respond } of waiting) if (heard >= count) respond();
	waiting = waiting.filter(({ count }) => heard < count);
}

const manager = await jetstreamManager(connection);
await manager.streams.add({ name: eventStream, subjects: ['bench.event.>'] });
await manager.consumers.add(eventStream, {
	durable_name: 'bench',
	ack_policy: 'explicit',
	max_ack_pending: 10_000,
});
const messages = await (await jetstream(connection).consumers.get(eventStream, 'bench')).consume();
void (async () => {
	for await (const message of messages) {
		message.json();
		message.ack();
		heard++;
		tell();
	}
})();
await connection.flush();
process.stdin.on('end', () => process.exit(0)).resume();
process.stderr.write('READY nats\n');

import { isLoopback, parseAddress } from '../../runtime/carrier/address.ts';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import { assertPluginId } from '../../runtime/plugin/definition/names.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { readDuration } from '../duration.ts';
import { parseMonitorAddress } from '../monitoring/monitor-address.ts';
import { goAddress } from './go-address.ts';
import { quoted } from './key-path.ts';
import { parseNatsServer } from './nats-server.ts';

/** Checks of texts by the `format` of the schema: each gives the reason why a text is refused, or undefined. */
export const formats: Readonly<Record<string, (text: string) => string | undefined>> = {
	address: (text) =>
		refusal(() => {
			const { carrier, host } = parseAddress(text);
			if (carrier !== 'tcp+plain' || isLoopback(host)) return undefined;
			return 'tcp+plain:// is neither encrypted nor authenticated: it can only be a loopback address';
		}),
	// An empty one counts as absent.
	'go-address': (text) => (text === '' ? undefined : refusal(() => void goAddress(text, 'quic'))),
	'nats-server': (text) => refusal(() => void parseNatsServer(text)),
	monitor: (text) => refusal(() => void parseMonitorAddress(text)),
	'plugin-id': (text) => refusal(() => void assertPluginId(text)),
	// The certificate of a node is beside those of plugins: its name follows the same rules.
	'node-name': (text) =>
		refusal(() => void assertPluginId(text))?.replace('the plugin id', 'the name of the node'),
	'go-plugin-cookie': (text) =>
		/^[^=\s]+=.+$/s.test(text) ? undefined : `${quoted(text)} is no cookie: write KEY=VALUE`,
	sha256: (text) =>
		/^[0-9A-Fa-f]{64}$/.test(text)
			? undefined
			: `${quoted(text)} is no SHA-256: it has 64 hexadecimal digits`,
	duration: (text) =>
		readDuration(text) === undefined
			? `${quoted(text)} is not a duration; write 500ms, 5s, 2m, 1h or 10d`
			: undefined,
	topics: (text) => refusal(() => void topicPattern(text)),
	lease(text) {
		const ms = readDuration(text);
		if (ms === undefined) return formats.duration?.(text);
		// With less a server that is busy for a moment would lose its nodes.
		return ms < 1_000 || ms > 3_600_000 ? `${quoted(text)} is not between 1s and 1h` : undefined;
	},
	timeout(text) {
		const ms = readDuration(text);
		if (ms === undefined) return formats.duration?.(text);
		return ms < 10 || ms > 24 * 86_400_000 ? `${quoted(text)} is not between 10ms and 24d` : undefined;
	},
};

/** Refusal by a reader: the reason that it returns, or the message of the error that it throws. */
function refusal(read: () => string | undefined): string | undefined {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof OrchestraError)) throw error;
		return error.message;
	}
}

import type { DocumentReader } from './document-reader.ts';
import {
	defaultSupervisionTimes,
	goDefaultProvider,
	goDefaults,
	goProviders,
	goRules,
} from './format-rules.ts';
import { goAddress } from './go-address.ts';
import type { Contents } from './read-orchestra-format.ts';
import { readPlugins } from './read-plugins.ts';
import type { ReferenceContext } from './references.ts';
import { resolvePath } from './resolve-path.ts';
import type { YamlNode } from './yaml-node.ts';

/** Reads a `plugins.yaml` that was held to its schema. An empty text counts as absent, as in Go. */
export function readGoFormat(reader: DocumentReader, root: YamlNode, context: ReferenceContext): Contents {
	const { folder } = context;
	const text = (key: string) => reader.text(reader.value(root, key)) || undefined;
	const address = (key: 'listen_addr' | 'tcp_addr', otherwise: string, carrier: 'quic' | 'tcp') => {
		const given = text(key);
		if (given?.startsWith(':')) {
			const { position } = reader.value(root, key) ?? root;
			reader.faults.warn(
				key,
				position,
				'listens on every interface; name a host such as localhost to narrow it',
			);
		}
		return goAddress(given ?? otherwise, carrier);
	};
	return {
		folder,
		rules: goRules,
		listen: [
			address('listen_addr', goDefaults.listenAddr, 'quic'),
			address('tcp_addr', goDefaults.tcpAddr, 'tcp'),
		],
		certsDir: resolvePath(text('certs_dir') ?? goDefaults.certsDir, folder),
		monitor: undefined,
		cluster: undefined,
		plugins: readPlugins(reader, reader.value(root, 'plugins'), {
			...context,
			sources: ['binary'],
			references: false,
			enabledByDefault: false,
			inheritsByDefault: true,
			supervision: defaultSupervisionTimes,
			cwd: undefined,
			lostDependencies: 'warning',
			disabledTwins: true,
			tellDefaultEnabled: true,
		}),
		routes: { tools: {}, prompts: {}, storage: {} },
		providers: goProviders,
		defaultProvider: goDefaultProvider,
		access: undefined,
	};
}

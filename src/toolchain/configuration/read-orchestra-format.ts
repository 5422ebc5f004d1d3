import { parseAddress } from '../../runtime/carrier/address.ts';
import { parseMonitorAddress } from '../monitoring/monitor-address.ts';
import { nearest } from '../nearest.ts';
import type { Configuration, PluginConfiguration, RoutesConfiguration } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import { defaultSupervisionTimes, orchestraRules } from './format-rules.ts';
import { childPath, quoted } from './key-path.ts';
import { readAccess } from './read-access.ts';
import { readCluster } from './read-cluster.ts';
import { readPlugins } from './read-plugins.ts';
import { readSupervision } from './read-supervision.ts';
import type { ReferenceContext } from './references.ts';
import { resolvePath } from './resolve-path.ts';
import type { YamlNode } from './yaml-node.ts';

/** Contents of a format's file. */
export type Contents = Omit<Configuration, 'file' | 'dialect' | 'warnings'>;

/** Reads an `orchestra.yaml` that was held to its schema. */
export function readOrchestraFormat(
	reader: DocumentReader,
	root: YamlNode,
	context: ReferenceContext,
): Contents {
	const { folder } = context;
	const value = (key: string) => reader.value(root, key);
	const plugins = readPlugins(reader, value('plugins'), {
		...context,
		sources: ['module', 'binary', 'address', 'mcp'],
		references: true,
		enabledByDefault: true,
		inheritsByDefault: false,
		supervision: readSupervision(reader, value('supervision'), defaultSupervisionTimes),
		cwd: folder,
		lostDependencies: 'fault',
		disabledTwins: false,
		tellDefaultEnabled: false,
	});
	const listen = value('listen');
	const certsDir = reader.text(value('certs_dir'));
	const monitor = reader.text(value('monitor'));
	const access = value('access');
	const cluster = value('cluster');
	return {
		folder,
		rules: orchestraRules,
		listen: listen && reader.texts(listen).map((text) => parseAddress(text)),
		certsDir: certsDir === undefined ? undefined : resolvePath(certsDir, folder),
		monitor: monitor === undefined ? undefined : parseMonitorAddress(monitor),
		plugins,
		routes: readRoutes(reader, value('routes'), plugins),
		providers: readProviders(reader, value('providers')),
		defaultProvider: reader.text(value('default_provider')),
		access: access && readAccess(reader, access),
		cluster: cluster && readCluster(reader, cluster),
	};
}

function readRoutes(
	reader: DocumentReader,
	node: YamlNode | undefined,
	plugins: readonly PluginConfiguration[],
): RoutesConfiguration {
	const read = (kind: keyof RoutesConfiguration) => {
		const map = reader.value(node, kind);
		for (const { key, value } of reader.entries(map)) {
			const id = reader.text(value) ?? '';
			const found = plugins.find((plugin) => plugin.id === id);
			if (found?.enabled) continue;
			const near = nearest(
				id,
				plugins.map((plugin) => plugin.id),
			);
			const why = found
				? `${id} is not enabled`
				: `there is no plugin ${quoted(id)}${near ? `; did you mean ${near}?` : ''}`;
			reader.faults.add(childPath(childPath('routes', kind), key), value.position, why);
		}
		return reader.textMap(map);
	};
	return { tools: read('tools'), prompts: read('prompts'), storage: read('storage') };
}

/** An alias leads to a provider, not to another alias: of a chain nobody could tell where it ends. */
function readProviders(reader: DocumentReader, node: YamlNode | undefined): Record<string, string> {
	const providers = reader.textMap(node);
	for (const { key, value } of reader.entries(node)) {
		const target = reader.text(value) ?? '';
		if (!Object.hasOwn(providers, target)) continue;
		const why = target === key ? 'stands for itself' : `${quoted(target)} is another name itself`;
		reader.faults.add(childPath('providers', key), value.position, why);
	}
	return providers;
}

import { relative } from 'node:path';
import { parseAddress } from '../../runtime/carrier/address.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import { mayBeId } from '../install/find-installed.ts';
import type {
	ConfiguredSource,
	ConfiguredValues,
	PluginConfiguration,
	RestartConfiguration,
	SupervisionConfiguration,
} from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import { defaultRestart } from './format-rules.ts';
import { childPath } from './key-path.ts';
import { readGoPlugin } from './read-go-plugin.ts';
import { readMcp } from './read-mcp.ts';
import { checkSupervision, readSupervision } from './read-supervision.ts';
import { type ReferenceContext, resolveReferences } from './references.ts';
import { resolvePath } from './resolve-path.ts';
import type { Secret } from './secret.ts';
import type { YamlNode } from './yaml-node.ts';

/** Keys that are for a process that we start. */
const processKeys = ['args', 'env', 'inherit_env', 'carrier'];

/** Keys that are for a plugin that we start, in whatever way. */
const ownKeys = ['config', 'start', 'idle_stop', 'restart', 'spawn'];

/** A key that names what runs as a plugin; each plugin has one. */
type SourceKey = ConfiguredSource['kind'];

/** Context on which the reading of a plugin depends besides its own lines. */
export interface PluginReading extends ReferenceContext {
	/** Keys of sources that the format knows. Where it is one only, the schema asks for it. */
	readonly sources: readonly SourceKey[];
	/** Whether `${env:NAME}` and `${file:PATH}` mean something. */
	readonly references: boolean;
	/** Whether plugins run unless the file says otherwise. */
	readonly enabledByDefault: boolean;
	/** Whether plugins see the whole environment unless the file says otherwise. */
	readonly inheritsByDefault: boolean;
	/** Time limits of plugins that do not state them. */
	readonly supervision: SupervisionConfiguration;
	/** The working directory of executables; undefined for the server's own. */
	readonly cwd: string | undefined;
}

/** Reads a plugin. Undefined where its lines are so wrong that nothing can be said about it; that is noted. */
export function readPlugin(
	reader: DocumentReader,
	node: YamlNode,
	path: string,
	context: PluginReading,
): PluginConfiguration | undefined {
	const value = (key: string) => reader.value(node, key);
	const enabled = reader.boolean(value('enabled')) ?? context.enabledByDefault;
	const values = (key: 'env' | 'config') =>
		readValues(reader, value(key), childPath(path, key), enabled, context);
	const id = reader.text(value('id'));
	const singleton = reader.boolean(value('singleton')) ?? false;
	const source = readSource(reader, node, path, context, (mcp, key) =>
		readValues(reader, reader.value(mcp, key), `${path}.mcp.${key}`, enabled, context),
	);
	const plugin = {
		enabled,
		process: {
			args: reader
				.texts(value('args'))
				.map((arg) => (arg === '--workspace=.' ? `--workspace=${context.folder}` : arg)),
			cwd: source?.kind === 'binary' ? context.cwd : undefined,
			env: values('env'),
			inheritEnv: readInheritEnv(reader, value('inherit_env')) ?? (context.inheritsByDefault ? true : []),
			carrier: reader.text(value('carrier')) as LaunchCarrier | undefined,
		},
		config: values('config'),
		providesStorage: reader.texts(value('provides_storage')),
		providesAi: reader.texts(value('provides_ai')),
		dependsOn: [...new Set(reader.texts(value('depends_on')))],
		start: (reader.text(value('start')) as 'at-start' | 'on-call' | undefined) ?? 'at-start',
		idleStopMs: reader.duration(value('idle_stop')),
		replicas: singleton ? 1 : reader.number(value('replicas')),
		singleton,
		supervision: readSupervision(reader, value('supervision'), context.supervision),
		restart: readRestart(reader, value('restart'), childPath(path, 'restart')),
	};
	return id === undefined || source === undefined ? undefined : { id, source, ...plugin };
}

function readSource(
	reader: DocumentReader,
	node: YamlNode,
	path: string,
	{ folder, sources }: PluginReading,
	values: (mcp: YamlNode, key: 'env' | 'headers') => ConfiguredValues,
): ConfiguredSource | undefined {
	const keys =
		node.kind === 'map' ? node.entries.filter(({ key }) => (sources as readonly string[]).includes(key)) : [];
	const [first, second] = keys;
	if (!first) {
		if (sources.length > 1)
			reader.faults.add(path, node.position, `what runs is missing: ${sources.join(', ')}`);
		return undefined;
	}
	if (second) {
		const text = `${first.key} is given already: a plugin has one of ${sources.join(', ')}`;
		reader.faults.add(childPath(path, second.key), second.position, text);
		return undefined;
	}
	const spawn = reader.boolean(reader.value(node, 'spawn')) ?? false;
	const kind = first.key as SourceKey;
	const isProcess = kind === 'binary' || (kind === 'module' && spawn);
	const isGoPlugin = kind === 'binary' && reader.value(node, 'go_plugin') !== undefined;
	for (const { key, position } of reader.entries(node)) {
		const misplaced = misplacedKey(key, kind, isProcess) ?? (isGoPlugin ? uselessKey(key) : undefined);
		if (misplaced) reader.faults.add(childPath(path, key), position, misplaced);
	}
	const supervision = reader.value(node, 'supervision');
	checkSupervision(reader, supervision, childPath(path, 'supervision'), kind, isProcess);
	if (kind === 'mcp') {
		const mcp = reader.value(node, kind);
		return mcp && readMcp(reader, mcp, `${path}.mcp`, folder, (key) => values(mcp, key));
	}
	const text = reader.text(reader.value(node, kind));
	if (text === undefined) return undefined;
	if (kind === 'address') return { kind, address: parseAddress(text) };
	const resolved = resolvePath(text, folder);
	const name = relative(folder, resolved);
	const place = mayBeId(name) ? { path: resolved, installed: name } : { path: resolved };
	if (kind === 'module') return { kind, ...place, spawn };
	const goPlugin = readGoPlugin(reader, reader.value(node, 'go_plugin'));
	return { kind, ...place, ...(goPlugin ? { goPlugin } : {}) };
}

/** Reason why a key means nothing for a plugin of this kind; undefined where it means something. */
function misplacedKey(key: string, kind: SourceKey, isProcess: boolean): string | undefined {
	if (kind === 'address' && (ownKeys.includes(key) || processKeys.includes(key))) {
		return 'means nothing for a plugin that runs already: whoever starts it decides';
	}
	if (
		kind === 'mcp' &&
		(processKeys.includes(key) || key === 'config' || key === 'spawn') &&
		key !== 'inherit_env'
	) {
		return key === 'args' || key === 'env'
			? 'belongs under mcp, where the command is'
			: 'means nothing for an MCP server';
	}
	if (kind === 'binary' && key === 'spawn')
		return 'means nothing for a binary, which always has its own process';
	if (kind !== 'binary' && key === 'go_plugin') return 'means nothing for a plugin that is no binary';
	if (!isProcess && kind !== 'mcp' && processKeys.includes(key)) {
		return "means nothing for a module in the server's process: add spawn: true, or use config";
	}
	return undefined;
}

/** Reason why a key means nothing for a go-plugin. */
function uselessKey(key: string): string | undefined {
	if (key === 'config') return 'means nothing for a go-plugin, which is not booted: use env';
	if (key === 'carrier') return 'means nothing for a go-plugin, which speaks gRPC';
	return undefined;
}

/** Texts, with their references resolved. What a plugin that is not enabled would need may be missing. */
function readValues(
	reader: DocumentReader,
	node: YamlNode | undefined,
	path: string,
	enabled: boolean,
	context: PluginReading,
): ConfiguredValues {
	const values: Record<string, string | Secret> = Object.create(null);
	for (const { key, value } of reader.entries(node)) {
		const text = reader.text(value) ?? '';
		const fault = (reason: string) => {
			if (enabled) reader.faults.add(childPath(path, key), value.position, reason);
		};
		values[key] = context.references ? resolveReferences(text, context, fault) : text;
	}
	return values;
}

function readInheritEnv(reader: DocumentReader, node: YamlNode | undefined): true | string[] | undefined {
	if (node?.kind === 'list') return reader.texts(node);
	const all = reader.boolean(node);
	if (all === undefined) return undefined;
	return all || [];
}

function readRestart(reader: DocumentReader, node: YamlNode | undefined, path: string): RestartConfiguration {
	type When = RestartConfiguration['when'];
	if (node?.kind !== 'map') {
		return { ...defaultRestart, when: (reader.text(node) as When | undefined) ?? defaultRestart.when };
	}
	const backOff = reader.value(node, 'back_off');
	const initial = reader.entry(backOff, 'initial');
	const initialMs = reader.duration(initial?.value) ?? defaultRestart.backOff.initialMs;
	const givenMax = reader.duration(reader.value(backOff, 'max'));
	if (initial && givenMax !== undefined && initialMs > givenMax) {
		reader.faults.add(childPath(`${path}.back_off`, 'initial'), initial.value.position, 'is longer than max');
	}
	return {
		when: (reader.text(reader.value(node, 'when')) as When | undefined) ?? defaultRestart.when,
		budget: reader.number(reader.value(node, 'budget')) ?? defaultRestart.budget,
		withinMs: reader.duration(reader.value(node, 'within')) ?? defaultRestart.withinMs,
		backOff: { initialMs, maxMs: givenMax ?? Math.max(initialMs, defaultRestart.backOff.maxMs) },
	};
}

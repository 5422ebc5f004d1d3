import type { ListedTool } from '../runtime/client/listings.ts';
import { unusableBecause } from '../runtime/plugin/input/listed-schema.ts';
import type { BuildTimes, SessionPluginReport } from '../runtime/services/sessions-service.ts';
import type { PluginManifest, PluginStatus } from '../runtime/wire/generated/messages.ts';
import type { JsonObject } from '../runtime/wire/json-value.ts';
import type { Inspection } from '../toolchain/targets/inspect-target.ts';
import { callTimeRows } from './format-call-time.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { outputWidth, wrapText } from './text-width.ts';
import { toolParameters } from './tool-signature.ts';
import { visibleIn } from './visible-text.ts';

function section(title: string, body: string): string {
	return `${style.bold(title)}\n${body.replace(/^(?=.)/gm, '  ')}`;
}

function pairs(rows: [name: string, value: string | undefined][]): string {
	const shown = rows.filter((row): row is [string, string] => Boolean(row[1]));
	const width = Math.max(...shown.map(([name]) => name.length));
	return shown
		.map(([name, value]) => {
			const text = wrapText(value, outputWidth() - width - 4, width + 2).trimStart();
			return `${style.dim(name.padEnd(width))}  ${text}`;
		})
		.join('\n');
}

function list(names: string[] | undefined): string | undefined {
	return names && names.length > 0 ? names.join(', ') : undefined;
}

function formatPlugin(manifest: PluginManifest, statuses: readonly PluginStatus[]): string {
	const status = statuses.find(({ id, pluginId }) => pluginId === manifest.id || id === manifest.id);
	const state = status?.state && status.state !== 'running' ? status : undefined;
	const version = manifest.version ? ` ${style.dim(manifest.version)}` : '';
	const lines = pairs([
		['state', state && style.red(`${state.state}${state.reason ? `: ${state.reason}` : ''}`)],
		['description', manifest.description],
		['author', manifest.author],
		['language', manifest.language],
		['storage', list(manifest.providesStorage)],
		['events', list(manifest.providesEvents)],
		['ai', list(manifest.providesAi)],
		['needs tools', list(manifest.needsTools)],
		['needs storage', list(manifest.needsStorage)],
		['needs events', list(manifest.needsEvents)],
	]);
	return `${style.bold.cyan(manifest.id ?? '')}${version}${lines ? `\n${lines}` : ''}`;
}

function formatParameters(schema: JsonObject): string {
	const parameters = toolParameters(schema);
	if (parameters.length === 0) return style.dim('no arguments described');
	return formatTable(
		['argument', 'type', '', 'description'],
		parameters.map(({ name, type, required, constraints, description, ...rest }) => {
			const note =
				rest.default === undefined ? (required ? 'required' : 'optional') : `default ${rest.default}`;
			const more = constraints.length > 0 ? style.dim(`(${constraints.join(', ')})`) : '';
			return [name, type, style.dim(note), [description, more].filter(Boolean).join(' ')];
		}),
		4,
	);
}

function formatTool(tool: ListedTool, many: boolean): string {
	const marks = [
		tool.streaming ? 'streaming' : '',
		many ? (tool.plugin ?? '') : '',
		tool.unavailable ? 'unavailable' : '',
	]
		.filter(Boolean)
		.join(' · ');
	const head = `${style.cyan(tool.name)}${marks ? ` ${style.dim(marks)}` : ''}`;
	const body = formatParameters(tool.inputSchema).replace(/^/gm, '  ');
	const unusable = unusableBecause(tool.inputSchema);
	return [
		head,
		unusable === undefined ? '' : wrapText(style.red(`cannot be called: ${unusable}`), outputWidth() - 2, 2),
		tool.description ? wrapText(tool.description, outputWidth() - 2, 2) : '',
		body,
	]
		.filter(Boolean)
		.join('\n');
}

function formatSessionPlugin(report: SessionPluginReport, many: boolean): string {
	const times = ({ id, builds, slow, slowestMs }: BuildTimes) =>
		builds === 0
			? id
			: `${id} (${builds} builds, the slowest ${slowestMs.toFixed(2)} ms${slow > 0 ? `, ${slow} too slow` : ''})`;
	const hooks = report.hooks.map(
		({ name, timeoutMs, required }) => `${name} (${timeoutMs} ms${required ? ', required' : ''})`,
	);
	return pairs([
		['plugin', many ? report.plugin : undefined],
		['hooks', list(hooks)],
		['factories', list(report.factories.map(times))],
		['operations', list(report.operations.map(({ kind, name }) => `${kind} ${name}`))],
	]);
}

/** An inspection for a person. */
export function formatInspection(inspection: Inspection): string {
	const { plugins, statuses, tools, prompts, storage, seams, sessions, health, connection } =
		visibleIn(inspection);
	const many = plugins.length > 1;
	const parts = plugins.map((plugin) => formatPlugin(plugin, statuses));
	if (tools.length > 0)
		parts.push(section('Tools', tools.map((tool) => formatTool(tool, many)).join('\n\n')));
	if (prompts.length > 0) {
		const rows = prompts.map((prompt) => [
			style.cyan(prompt.name),
			prompt.arguments.map(({ name, required }) => (required ? name : `[${name}]`)).join(' '),
			prompt.description,
		]);
		parts.push(section('Prompts', formatTable(['prompt', 'arguments', 'description'], rows, 2)));
	}
	if (storage.length > 0) parts.push(section('Storage', storage.join('\n')));
	if (seams.length > 0) {
		const lines = seams.map(({ name, versions }) => `${style.cyan(name)} version ${versions.join(', ')}`);
		parts.push(section('Seams', lines.join('\n')));
	}
	if (sessions.length > 0)
		parts.push(section('Sessions', sessions.map((report) => formatSessionPlugin(report, many)).join('\n')));
	const colour = {
		healthy: style.green,
		degraded: style.yellow,
		unhealthy: style.red,
		unspecified: style.dim,
	};
	const rest = health.message && health.message !== 'ok' ? ` ${health.message}` : '';
	parts.push(section('Health', `${colour[health.status](health.status)}${rest}`));
	const { latencyMs } = connection;
	const ways = { embedded: 'in this process', spawned: 'a process of its own', connected: 'already running' };
	parts.push(
		section(
			'Connection',
			pairs([
				['runs', ways[inspection.how]],
				[
					'rights',
					inspection.canIssue
						? 'an executable that can read ca.key: it can issue itself any certificate, so access rules do not bind it'
						: undefined,
				],
				['carrier', connection.carrier],
				['address', connection.address],
				['peer', inspection.how === 'embedded' ? undefined : connection.peer],
				['fingerprint', connection.fingerprint],
				['certificate until', connection.validTo?.slice(0, 10)],
				['software', connection.software],
				[
					'protocol',
					connection.protocol === 'core' ? 'core only: the peer knows no extensions' : 'core and extensions',
				],
				['latency', `${latencyMs.min} ms at best, ${latencyMs.median} ms median`],
			]),
		),
	);
	parts.push(section('Time of a call', pairs(callTimeRows(inspection.time))));
	return parts.join('\n\n');
}

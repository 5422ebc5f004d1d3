import { formatAddress } from '../../carrier/address.ts';
import type { PluginLogLine } from '../../hosting/plugin-log.ts';
import type { PluginSlot } from '../../hosting/plugin-slot.ts';
import { ProcessVitals } from '../../plugin/process/process-vitals.ts';
import { ItemQueue } from '../../services/item-queue.ts';
import { type ServedService, type ServiceContext, serveService } from '../../services/service-server.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { matchesName } from '../matches-name.ts';
import type { Orchestrator } from '../orchestrator.ts';
import type { CallUnderWay } from '../under-way.ts';
import {
	type AdministrationEvent,
	administrationService,
	type CallInfo,
	type PluginInfo,
	type ReloadResult,
	type WatchOptions,
} from './administration-service.ts';
import { CallFeed } from './call-feed.ts';
import { CallIds } from './call-ids.ts';

/** Lines of a log that are sent where nothing is said. */
const defaultLines = 100;

/** Bytes that may wait for one watcher. */
const maxWatchBytes = 4 * 1024 * 1024;

/** Certificates that may administer if nothing is said: the command line of the machine. */
export const defaultOperators: readonly string[] = ['cli'];

/** Options of an orchestrator's administration. */
export interface AdministrationOptions {
	/** Names on the certificates of those who may; `*` in one stands for any characters. Default {@link defaultOperators}. */
	readonly operators?: readonly string[] | undefined;
	/** Called with each refusal, in a sentence. */
	readonly onDenied?: ((message: string) => void) | undefined;
	/** Reads the configuration again. Left out where there is none. */
	readonly reload?: (() => Promise<ReloadResult>) | undefined;
}

/** Serves the administration of an orchestrator. */
export function serveAdministration(
	orchestrator: Orchestrator,
	{ operators = defaultOperators, reload, onDenied }: AdministrationOptions = {},
): ServedService {
	const ids = new CallIds();
	const feed = new CallFeed(orchestrator, ids);
	const vitals = new ProcessVitals();
	const since = Date.now();
	orchestrator.onChange(({ kind }) => {
		if (kind === 'stopping') vitals.close();
	});
	const find = ({ plugin }: { plugin: string }): PluginSlot => slotOf(orchestrator, plugin);
	const ours = (args: { plugin: string }): PluginSlot => {
		const slot = find(args);
		const refusal = slot.source.notOurs?.();
		if (refusal) throw refusal;
		return slot;
	};
	const allow = (context: ServiceContext) => assertOperator(context, operators, onDenied);

	return serveService(administrationService, {
		ps(_args, context) {
			allow(context);
			return {
				plugins: orchestrator.slots.map(pluginInfo),
				listeners: listeners(orchestrator),
				server: { pid: process.pid, since, ...vitals.take() },
			};
		},
		async start(args, context) {
			allow(context);
			const slot = ours(args);
			await slot.start();
			return { plugin: pluginInfo(slot) };
		},
		async stop(args, context) {
			allow(context);
			const slot = ours(args);
			await slot.stop();
			return { plugin: pluginInfo(slot) };
		},
		async restart(args, context) {
			allow(context);
			const slot = ours(args);
			await slot.restart();
			return { plugin: pluginInfo(slot) };
		},
		async reload(_args, context) {
			allow(context);
			if (reload) return reload();
			throw new OrchestraError('usage', 'the server was started without a configuration file', {
				hint: 'Start it with an orchestra.yaml to be able to reload it.',
			});
		},
		logs(args, context) {
			allow(context);
			return readLog(find(args), args.lines ?? defaultLines, args.follow ?? false, context.signal);
		},
		calls(_args, context) {
			allow(context);
			return { calls: orchestrator.callsUnderWay.map((call) => callInfo(call, ids)) };
		},
		cancel({ id }, context) {
			allow(context);
			const call = orchestrator.callsUnderWay.find(({ exchange }) => ids.of(exchange) === id);
			call?.exchange.cancel(new OrchestraError('cancelled', `the call was cancelled by ${context.caller}`));
			return { cancelled: call !== undefined };
		},
		subscriptions(_args, context) {
			allow(context);
			return { subscriptions: orchestrator.subscriptions };
		},
		connections(_args, context) {
			allow(context);
			return { listeners: listeners(orchestrator) };
		},
		watch(args, context) {
			allow(context);
			return watch(orchestrator, feed, args, context.signal);
		},
		payload({ id }, context) {
			allow(context);
			return feed.payload(id);
		},
	});
}

/** Holds a method to those who may administer. @throws OrchestraError `permission_denied` */
export function assertOperator(
	{ caller }: ServiceContext,
	operators: readonly string[],
	onDenied: AdministrationOptions['onDenied'],
): void {
	if (caller !== '' && operators.some((pattern) => matchesName(pattern, caller))) return;
	const message = `${caller || 'a caller without a certificate'} is no operator`;
	onDenied?.(message);
	throw new OrchestraError('permission_denied', message, {
		hint: `The operators are ${operators.join(', ') || 'nobody'}: access.operators in the configuration names them.`,
		details: { caller, rule: 'operators' },
	});
}

function slotOf(orchestrator: Orchestrator, id: string): PluginSlot {
	const slot = orchestrator.slot(id) ?? orchestrator.slots.find((candidate) => candidate.source.label === id);
	if (slot) return slot;
	const known = orchestrator.slots.map((candidate) => candidate.id);
	throw new OrchestraError('plugin_not_found', `there is no plugin ${id}`, {
		hint: known.length > 0 ? `There are: ${known.join(', ')}.` : 'The server runs no plugins.',
		details: { plugins: known },
	});
}

function listeners(orchestrator: Orchestrator) {
	return orchestrator.listeners.map(({ address, connectionCount }) => ({
		address: formatAddress(address),
		connections: connectionCount,
	}));
}

function pluginInfo(slot: PluginSlot): PluginInfo {
	const { since, ...status } = slot.status as Required<PluginSlot['status']>;
	return {
		...status,
		since: (since.seconds ?? 0) * 1000 + Math.round((since.nanos ?? 0) / 1_000_000),
		tools: slot.known?.tools.map(({ name = '' }) => name) ?? [],
		callsUnderWay: slot.underWay().length,
	};
}

function callInfo({ exchange, ...call }: CallUnderWay, ids: CallIds): CallInfo {
	return { id: ids.of(exchange), chunks: exchange.chunks, ...call };
}

async function* readLog(
	slot: PluginSlot,
	lines: number,
	follow: boolean,
	signal: AbortSignal,
): AsyncGenerator<PluginLogLine, void> {
	const queue = new ItemQueue<PluginLogLine>(maxWatchBytes, (count) => ({
		time: Date.now(),
		level: 'warn',
		text: `${count} lines are missing here: the reader was behind`,
	}));
	// Before the tail is read, so that no line is lost between the two.
	const stop = follow ? slot.log.follow((line) => queue.push(line, line.text.length * 2 + 64)) : undefined;
	try {
		yield* slot.log.tail(Math.min(lines, 1000));
		if (follow) yield* queue.read(signal);
	} finally {
		stop?.();
	}
}

async function* watch(
	orchestrator: Orchestrator,
	feed: CallFeed,
	{ calls = false, payloads = false }: WatchOptions,
	signal: AbortSignal,
): AsyncGenerator<AdministrationEvent, void> {
	const queue = new ItemQueue<AdministrationEvent>(maxWatchBytes, (count) => ({ kind: 'missed', count }));
	const push = (event: AdministrationEvent) => queue.push(event, JSON.stringify(event).length * 2);
	const unfollow = orchestrator.onChange((change) => {
		if (change.kind === 'plugin' || change.kind === 'health')
			push({ kind: 'plugin', plugin: pluginInfo(change.slot) });
		else if (change.kind === 'plugin_removed') push({ kind: 'plugin_removed', id: change.slot.id });
		else if (change.kind === 'stopping') {
			push({ kind: 'stopping' });
			queue.end();
		}
	});
	const unobserve = calls ? feed.follow({ payloads, tell: push }) : () => {};
	const all = (): AdministrationEvent[] => [
		{ kind: 'plugins', plugins: orchestrator.slots.map(pluginInfo) },
		...(calls ? [{ kind: 'calls', calls: feed.calls } as const] : []),
	];
	try {
		yield* all();
		for await (const event of queue.read(signal)) {
			yield event;
			if (event.kind === 'missed') yield* all();
		}
	} finally {
		unfollow();
		unobserve();
	}
}

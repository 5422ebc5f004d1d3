import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GrpcAddress, GrpcChannel } from '../../grpc/grpc-channel.ts';
import { isRunning } from '../../platform/is-running.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { GoPluginBroker } from './go-plugin-broker.ts';
import { type GoPluginConnection, healthOf, isLostCall } from './go-plugin-connection.ts';

/** Milliseconds for the connection and its first answer. */
const connectMs = 10_000;

/** Milliseconds between two looks whether its process still runs. */
const watchMs = 1_000;

/** A go-plugin that somebody else has started, as go-plugin's own reattach configuration has it: it speaks in the clear. */
export interface GoPluginAttachment extends GrpcAddress {
	/** The number of its process. Where that has gone, so has the plugin. Default: not known. */
	readonly pid?: number | undefined;
}

/**
 * Connects to a go-plugin that runs already: one that is debugged, say. It is never signalled and never told to shut down: that is for
 * whoever started it.
 *
 * @throws OrchestraError `unreachable` where nothing answers there, or its process has gone
 */
export async function attachGoPlugin(
	name: string,
	attachment: GoPluginAttachment,
	signal?: AbortSignal,
): Promise<GoPluginConnection> {
	const { pid, address } = attachment;
	if (pid !== undefined && !isRunning(pid)) {
		throw new OrchestraError('unreachable', `${name} does not run any more: there is no process ${pid}`);
	}
	const channel = new GrpcChannel(attachment, undefined);
	const folder = await mkdtemp(join(tmpdir(), 'orchestra-'));
	const broker = new GoPluginBroker({ name, channel, folder, tls: undefined });
	let over: () => void = () => {};
	let isOver = false;
	const ended = new Promise<undefined>((resolve) => {
		over = () => {
			isOver = true;
			resolve(undefined);
		};
	});
	const watch = setInterval(() => {
		if (pid !== undefined && !isRunning(pid)) over();
	}, watchMs);
	watch.unref();
	const release = async () => {
		over();
		clearInterval(watch);
		broker.close();
		channel.close();
		await rm(folder, { recursive: true, force: true });
	};
	void ended.then(release);
	try {
		await healthOf({ channel, name }, { deadline: Date.now() + connectMs, signal });
	} catch (error) {
		await release();
		const text = `${name} does not answer at ${address}`;
		throw new OrchestraError('unreachable', text, { cause: error, retryable: true });
	}
	return {
		name,
		pid,
		version: undefined,
		channel,
		broker,
		ended,
		async failureOf(error) {
			if (!isLostCall(error) || isOver) return error;
			over();
			return new ToolError('connection_lost', `the connection to plugin ${name} at ${address} ended`);
		},
		stop: release,
	};
}

import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { connectInProcess } from '../../carrier/memory/memory-connection.ts';
import { reflectServices } from '../../grpc/reflect-services.ts';
import { formatExit } from '../../launching/exit-status.ts';
import { type GoPluginProcess, launchGoPlugin } from '../../launching/go-plugin/go-plugin-process.ts';
import type { GoPluginSettings } from '../../launching/go-plugin/go-plugin-settings.ts';
import { HclogReader } from '../../launching/go-plugin/hclog-line.ts';
import type { StopOptions } from '../../launching/stop-process.ts';
import { createPlugin } from '../../plugin/definition/create-plugin.ts';
import { Status } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { embedPlugin } from '../embedded-source.ts';
import type { HostedPlugin, PluginEnd } from '../hosted-plugin.ts';
import type { LaunchCommand } from '../launched-source.ts';
import type { PluginHost, PluginSource } from '../plugin-source.ts';
import { type CallbackService, serveCallbacks } from './callback-services.ts';
import { type CalledPlugin, registerMethods } from './method-tools.ts';

/** Milliseconds for a plugin to describe its services. */
const reflectionMs = 10_000;

/** How a go-plugin is hosted. */
export interface GoPluginOptions extends GoPluginSettings {
	/** A file: what people call the plugin before its id is known. */
	readonly label: string;
	/** What is started; a function is asked at each start. */
	readonly command: LaunchCommand | (() => LaunchCommand | Promise<LaunchCommand>);
	/** Variables of the plugin's own; they win over what is passed on. It has no OnBoot: this is how it is configured. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/** What it sees of the host's environment besides the harmless variables. Default: nothing. */
	readonly inheritEnv?: boolean | readonly string[] | undefined;
	/** Services of the host that it calls. Default: none. */
	readonly callbacks?: readonly CallbackService[] | undefined;
	/** Milliseconds from the start of the process to its handshake. Default 10 s. */
	readonly handshakeTimeoutMs?: number | undefined;
	/** The graces of its stop. */
	readonly stop?: StopOptions | undefined;
}

/**
 * An unmodified go-plugin over gRPC. Each method of its services is a tool: what it takes and gives is asked of the plugin itself, by
 * gRPC reflection.
 */
export function goPlugin(options: GoPluginOptions): PluginSource {
	return {
		label: options.label,
		kind: 'launched',
		start: (host, signal) => start(options, host, signal),
	};
}

/** The id of a plugin that does not say one: its label, made to a name. */
function idOf(label: string): string {
	const name = label
		.replace(/\.exe$/i, '')
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/\.{2,}/g, '.')
		.replace(/^[.-]+|[.-]+$/g, '')
		.slice(0, 64);
	return name || 'go-plugin';
}

async function start(options: GoPluginOptions, host: PluginHost, signal: AbortSignal): Promise<HostedPlugin> {
	const id = host.expectedId ?? idOf(options.label);
	const { command, args, cwd } =
		typeof options.command === 'function' ? await options.command() : options.command;
	const hclog = new HclogReader();
	const process = await launchGoPlugin({
		name: id,
		command,
		args,
		cwd,
		env: options.env,
		inheritEnv: options.inheritEnv,
		settings: options,
		handshakeTimeoutMs: options.handshakeTimeoutMs,
		stop: options.stop,
		signal,
		onOutput(line, stream) {
			const entry = stream === 'stderr' ? hclog.read(line) : undefined;
			if (entry) host.log({ ...entry, plugin: id });
			else host.output(id, line);
		},
	});
	try {
		return await embed(process, options, host, signal);
	} catch (error) {
		await process.stop();
		throw await process.failureOf(error);
	}
}

async function embed(
	process: GoPluginProcess,
	{ callbacks = [] }: GoPluginOptions,
	host: PluginHost,
	signal: AbortSignal,
): Promise<HostedPlugin> {
	const { name: id, handshake } = process;
	const reflected = await reflectServices(process.channel, id, {
		deadline: Date.now() + reflectionMs,
		signal,
	});
	const names = reflected.services.map(({ fullName }) => fullName.slice(1));
	const called: CalledPlugin = { process, callbacks: new Map() };
	const builder = createPlugin(id)
		.description(`Go plugin with ${names.length > 0 ? names.join(', ') : 'no services'}.`)
		.version(`${handshake.version}`)
		.needsTools(...new Set(callbacks.flatMap(({ methods }) => Object.values(methods))))
		.lifecycle({
			async onBoot(_config, ctx) {
				called.callbacks = await serveCallbacks(callbacks, reflected, process, ctx);
			},
		});
	registerMethods(builder, reflected.services, called, new Set(callbacks.map(({ field }) => field)));
	const embedded = await embedPlugin(builder.build(), {}, host, signal);
	return new HostedGoPlugin(embedded, process, host);
}

/** A go-plugin, as its host sees it: tools in this process that call another. */
class HostedGoPlugin implements HostedPlugin {
	readonly kind = 'launched';
	readonly software: string;
	readonly extensions = true;
	readonly connection: HostedPlugin['connection'];
	readonly ended: Promise<PluginEnd>;
	readonly #embedded: HostedPlugin;
	readonly #process: GoPluginProcess;
	readonly #host: PluginHost;
	#stopping: Promise<void> | undefined;

	constructor(embedded: HostedPlugin, process: GoPluginProcess, host: PluginHost) {
		this.#embedded = embedded;
		this.#process = process;
		this.#host = host;
		this.software = `go-plugin, protocol ${process.handshake.version}`;
		this.connection = connectInProcess(this.handle, { callerName: 'orchestrator', plugin: embedded.id });
		this.ended = this.#end();
	}

	get id(): string {
		return this.#embedded.id;
	}

	get manifest(): HostedPlugin['manifest'] {
		return { ...this.#embedded.manifest, language: 'go' };
	}

	get tools(): HostedPlugin['tools'] {
		return this.#embedded.tools;
	}

	get prompts(): HostedPlugin['prompts'] {
		return this.#embedded.prompts;
	}

	get pid(): number {
		return this.#process.pid;
	}

	get handle(): HostedPlugin['handle'] {
		return this.#handle;
	}

	underWay(): ReturnType<HostedPlugin['underWay']> {
		return this.#embedded.underWay();
	}

	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	readonly #handle = (exchange: IncomingExchange): void => {
		if (exchange.request.health === undefined) this.#embedded.handle(exchange);
		else void this.#answerHealth(exchange);
	};

	/** Its health is the process's. No answer in time is none: whoever supervises it counts those. */
	async #answerHealth(exchange: IncomingExchange): Promise<void> {
		try {
			const serving = await this.#process.health({ deadline: exchange.deadline ?? Date.now() + 5_000 });
			const status = serving ? Status.healthy : Status.unhealthy;
			exchange.finish({ health: { status, message: serving ? 'ok' : 'it says that it does not serve' } });
		} catch (error) {
			exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'internal')));
		}
	}

	async #stop(): Promise<void> {
		// Calls under way get to end first.
		await this.#embedded.stop();
		await this.#endProcess();
	}

	async #endProcess(): Promise<void> {
		try {
			await this.#process.stop();
		} catch (error) {
			const message = `${this.id} could not be stopped: ${(error as Error).message}`;
			this.#host.log({ level: 'error', plugin: this.id, message });
		}
	}

	async #end(): Promise<PluginEnd> {
		// Its tools end first where it is told to shut down over the protocol.
		await Promise.race([this.#process.exited, this.#embedded.ended]);
		const crashed = this.#process.exited;
		if (!this.#stopping) void this.#embedded.stop();
		await this.#embedded.ended;
		await this.#endProcess();
		const exit = await crashed;
		await this.connection.close();
		if (this.#stopping) return { reason: 'stopped', exit };
		if (exit.code === 0) return { reason: 'exited', exit };
		const error = new OrchestraError('connection_lost', `plugin ${this.id} has ended (${formatExit(exit)})`, {
			retryable: true,
			details: { exitCode: exit.code, signal: exit.signal },
		});
		return { reason: 'crashed', exit, error };
	}
}

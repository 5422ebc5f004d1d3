import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { connectInProcess } from '../../carrier/memory/memory-connection.ts';
import { reflectServices } from '../../grpc/reflect-services.ts';
import { endedError } from '../../launching/ended-error.ts';
import { type GoPluginConnection, healthOf } from '../../launching/go-plugin/go-plugin-connection.ts';
import { createPlugin } from '../../plugin/definition/create-plugin.ts';
import type { SeamTransport } from '../../services/seam-transport.ts';
import { Status } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { embedPlugin } from '../embedded-source.ts';
import type { HostedPlugin, HostingKind, PluginEnd } from '../hosted-plugin.ts';
import type { PluginHost } from '../plugin-source.ts';
import { serveCallbacks } from './callback-services.ts';
import type { CalledPlugin } from './called-method.ts';
import { goPluginSeams } from './go-plugin-seams.ts';
import type { HostedGoPluginOptions } from './hosted-go-plugin-options.ts';
import { registerMethods } from './method-tools.ts';

/** Milliseconds for a plugin to describe its services. */
const reflectionMs = 10_000;

/**
 * Makes a plugin of a running go-plugin: with a tool for each of its methods.
 *
 * @throws OrchestraError `service_not_found`, `malformed_message`, `method_not_found`, `deadline_exceeded`; whoever made the connection ends it
 */
export async function hostGoPlugin(
	connection: GoPluginConnection,
	kind: HostingKind,
	options: HostedGoPluginOptions,
	host: PluginHost,
	signal: AbortSignal,
): Promise<HostedPlugin> {
	const { name: id } = connection;
	const wanted = options.callbacks ?? [];
	const reflected = await reflectServices(connection.channel, id, {
		deadline: Date.now() + reflectionMs,
		signal,
	});
	const names = reflected.services.map(({ fullName }) => fullName.slice(1));
	const called: CalledPlugin = {
		connection,
		callbackFields: new Set(wanted.map(({ field }) => field)),
		callbacks: new Map(),
	};
	const builder = createPlugin(id)
		.description(`Go plugin with ${names.length > 0 ? names.join(', ') : 'no services'}.`)
		.needsTools(...new Set(wanted.flatMap(({ methods }) => Object.values(methods))))
		.lifecycle({
			async onBoot(_config, ctx) {
				called.callbacks = await serveCallbacks(wanted, reflected, connection, ctx);
			},
		});
	registerMethods(builder, reflected.services, called);
	const embedded = await embedPlugin(builder.build(), {}, host, signal);
	const seams = goPluginSeams(called, reflected, options.seams ?? {});
	return new HostedGoPlugin(embedded, connection, kind, seams, host);
}

/** A go-plugin, as its host sees it: tools in this process that call another. */
class HostedGoPlugin implements HostedPlugin {
	readonly kind: HostingKind;
	readonly software: string;
	readonly extensions = true;
	readonly connection: HostedPlugin['connection'];
	readonly seams: SeamTransport;
	readonly ended: Promise<PluginEnd>;
	readonly #embedded: HostedPlugin;
	readonly #connection: GoPluginConnection;
	readonly #host: PluginHost;
	#stopping: Promise<void> | undefined;

	constructor(
		embedded: HostedPlugin,
		connection: GoPluginConnection,
		kind: HostingKind,
		seams: SeamTransport,
		host: PluginHost,
	) {
		this.kind = kind;
		this.seams = seams;
		this.#embedded = embedded;
		this.#connection = connection;
		this.#host = host;
		const { version } = connection;
		this.software = version === undefined ? 'go-plugin' : `go-plugin, protocol ${version}`;
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

	get pid(): number | undefined {
		return this.#connection.pid;
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
			const serving = await healthOf(this.#connection, { deadline: exchange.deadline ?? Date.now() + 5_000 });
			const status = serving ? Status.healthy : Status.unhealthy;
			exchange.finish({ health: { status, message: serving ? 'ok' : 'it says that it does not serve' } });
		} catch (error) {
			exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'internal')));
		}
	}

	async #stop(): Promise<void> {
		// Calls under way get to end first.
		await this.#embedded.stop();
		await this.#endConnection();
	}

	async #endConnection(): Promise<void> {
		try {
			await this.#connection.stop();
		} catch (error) {
			const message = `${this.id} could not be stopped: ${(error as Error).message}`;
			this.#host.log({ level: 'error', plugin: this.id, message });
		}
	}

	async #end(): Promise<PluginEnd> {
		// Its tools end first where it is told to shut down over the protocol.
		await Promise.race([this.#connection.ended, this.#embedded.ended]);
		await this.#embedded.stop();
		await this.#embedded.ended;
		await this.#endConnection();
		const exit = await this.#connection.ended;
		await this.connection.close();
		if (this.#stopping) return { reason: 'stopped', exit };
		if (exit?.code === 0) return { reason: 'exited', exit };
		return { reason: 'crashed', exit, error: endedError(this.id, exit, { retryable: true }) };
	}
}

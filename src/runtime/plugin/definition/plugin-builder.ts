import type { StandardSchemaV1 } from '@standard-schema/spec';
import { topicPattern } from '../../events/topic-pattern.ts';
import type { ExecHandler } from '../../exec/exec-handler.ts';
import type { ServableSeam } from '../../services/servable-seam.ts';
import type { ServedService } from '../../services/service-server.ts';
import type { Requirements } from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { RunOptions } from '../process/run-options.ts';
import { BuiltPlugin } from './built-plugin.ts';
import type { EventHandler } from './context.ts';
import { createPrompt } from './create-prompt.ts';
import { type AnyToolOptions, createTool } from './create-tool.ts';
import { checkedExec } from './exec.ts';
import type { ExportedPlugin } from './exported-plugin.ts';
import { assertHandler } from './handler-options.ts';
import type { Lifecycle } from './lifecycle.ts';
import { ManifestDraft, type ManifestList } from './manifest-draft.ts';
import { assertPluginId } from './names.ts';
import type { Plugin, PluginSettings } from './plugin.ts';
import type { Prompt, PromptArgument, PromptArguments, PromptHandler, PromptOptions } from './prompt.ts';
import { createHook, type Hook, type HookHandler, type HookOptions } from './session/hook.ts';
import {
	createOperation,
	type Operation,
	type OperationHandler,
	type OperationOptions,
} from './session/operation.ts';
import { assertFactory, type SessionPluginFactory } from './session/session-plugin.ts';
import type { StorageHandler } from './storage-handler.ts';
import type { SubscribeOptions } from './subscribe-options.ts';
import type { Subscription } from './subscription.ts';
import type {
	JsonSchemaToolOptions,
	StandardToolOptions,
	StreamingToolHandler,
	Tool,
	ToolHandler,
} from './tool.ts';

/**
 * Defines a plugin, step by step. Every method returns the builder; what is wrong is thrown by the step that is wrong, as
 * `invalid_plugin`, `invalid_schema`, `duplicate_tool` or `duplicate_prompt`. {@link build} takes a snapshot: a builder may be
 * used further, and built again.
 */
export class PluginBuilder {
	readonly #id: string;
	readonly #manifest: ManifestDraft;
	readonly #tools = new Map<string, Tool>();
	readonly #prompts = new Map<string, Prompt>();
	readonly #subscriptions: Subscription[] = [];
	readonly #hooks: Hook[] = [];
	readonly #operations: Operation[] = [];
	readonly #sessionPlugins: SessionPluginFactory[] = [];
	readonly #execs: ExecHandler[] = [];
	readonly #seams: ServedService[] = [];
	#storageHandler: StorageHandler | undefined;
	#lifecycle: Lifecycle = {};
	#settings: PluginSettings = {};

	/** @throws OrchestraError `invalid_plugin` */
	constructor(id: string) {
		assertPluginId(id);
		this.#id = id;
		this.#manifest = new ManifestDraft(id);
	}

	/** A semantic version. Default: none. */
	version(version: string): this {
		this.#manifest.set('version', version);
		return this;
	}

	/** One line for people. */
	description(description: string): this {
		this.#manifest.set('description', description);
		return this;
	}

	author(author: string): this {
		this.#manifest.set('author', author);
		return this;
	}

	/** The executable that runs this plugin, for installers. */
	binary(path: string): this {
		this.#manifest.set('binary', path);
		return this;
	}

	/**
	 * Requirements on the host that runs this plugin: `protocol`, the least version of the protocol, and `runtime`, a range of versions of
	 * orchestra-toolchain as npm writes them. `orchestra install` refuses a plugin whose requirements are not met; a second call
	 * replaces them. Default: none.
	 *
	 * @example .requires({ protocol: 1, runtime: '>=0.1 <1' })
	 * @throws OrchestraError `invalid_plugin`
	 */
	requires(requirements: Requirements): this {
		this.#manifest.require(requirements);
		return this;
	}

	/** Address at which the plugin's process listens, where its command line does not say. Default `localhost:0`: any free port, QUIC. */
	listenAddr(address: string): this {
		this.#settings = { ...this.#settings, listenAddr: address };
		return this;
	}

	/** The orchestrator to register with, where the command line does not say. Default: none. */
	orchestratorAddr(address: string): this {
		this.#settings = { ...this.#settings, orchestratorAddr: address };
		return this;
	}

	/** Certificates directory. Default: `$ORCHESTRA_CERTS_DIR`, else `~/.orchestra/certs`. */
	certsDir(directory: string): this {
		this.#settings = { ...this.#settings, certsDir: directory };
		return this;
	}

	/** The hooks of its life; a second call replaces them all. */
	lifecycle(hooks: Lifecycle): this {
		this.#lifecycle = hooks;
		return this;
	}

	/** Declares early which tools it provides. Registering one declares it too; {@link build} refuses a name that was not registered. */
	providesTools(...names: string[]): this {
		return this.#add('providesTools', names);
	}

	/** The storage types that its storage handler keeps. */
	providesStorage(...types: string[]): this {
		return this.#add('providesStorage', types);
	}

	providesTransport(...transports: string[]): this {
		return this.#add('providesTransport', transports);
	}

	/** The AI providers that it serves: calls for them are routed to it. */
	providesAi(...providers: string[]): this {
		return this.#add('providesAi', providers);
	}

	/** The topics that it publishes. */
	providesEvents(...topics: string[]): this {
		return this.#add('providesEvents', topics);
	}

	/** The tools of other plugins that it calls. */
	needsTools(...names: string[]): this {
		return this.#add('needsTools', names);
	}

	needsStorage(...types: string[]): this {
		return this.#add('needsStorage', types);
	}

	/** The topics that its orchestrator is to send it. {@link subscribe} says so too. */
	needsEvents(...topics: string[]): this {
		return this.#add('needsEvents', topics);
	}

	needsAi(...providers: string[]): this {
		return this.#add('needsAi', providers);
	}

	/**
	 * Adds a tool.
	 *
	 * @example
	 * .registerTool('add', { description: 'Adds.', input: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => a + b)
	 * @throws OrchestraError `invalid_plugin`, `invalid_schema`, `duplicate_tool`
	 */
	registerTool<S extends StandardSchemaV1>(
		name: string,
		options: StandardToolOptions<S>,
		handler: ToolHandler<StandardSchemaV1.InferOutput<S>>,
	): this;
	/** Adds a tool whose arguments a JSON Schema describes; `Args` is what its author knows of them. */
	registerTool<Args = JsonObject>(
		name: string,
		options: JsonSchemaToolOptions,
		handler: ToolHandler<Args>,
	): this;
	registerTool(name: string, options: AnyToolOptions, handler: unknown): this {
		return this.#addTool(name, options, handler, false);
	}

	/**
	 * Adds a tool that answers with a stream.
	 *
	 * @example .registerStreamingTool('count', { description: 'Counts.' }, async function* () { yield 1; yield 2; })
	 * @throws OrchestraError `invalid_plugin`, `invalid_schema`, `duplicate_tool`
	 */
	registerStreamingTool<S extends StandardSchemaV1>(
		name: string,
		options: StandardToolOptions<S>,
		handler: StreamingToolHandler<StandardSchemaV1.InferOutput<S>>,
	): this;
	/** Adds a streaming tool whose arguments a JSON Schema describes; `Args` is what its author knows of them. */
	registerStreamingTool<Args = JsonObject>(
		name: string,
		options: JsonSchemaToolOptions,
		handler: StreamingToolHandler<Args>,
	): this;
	registerStreamingTool(name: string, options: AnyToolOptions, handler: unknown): this {
		return this.#addTool(name, options, handler, true);
	}

	/**
	 * Adds a prompt. A required argument that is missing never reaches the handler.
	 *
	 * @throws OrchestraError `invalid_plugin`, `duplicate_prompt`
	 */
	registerPrompt<const A extends readonly PromptArgument[] = []>(
		name: string,
		options: PromptOptions<A>,
		handler: PromptHandler<PromptArguments<A>>,
	): this {
		if (this.#prompts.has(name)) {
			throw new OrchestraError('duplicate_prompt', `plugin ${this.#id} has a prompt ${name} already`);
		}
		this.#prompts.set(name, createPrompt(this.#id, name, options, handler));
		return this.#add('providesPrompts', [name]);
	}

	/** Answers the storage requests of other plugins; a second call replaces the first. Say which types with {@link providesStorage}. */
	setStorageHandler(handler: StorageHandler): this {
		for (const method of ['read', 'write', 'delete', 'list'] as const) {
			assertHandler(handler?.[method], `${method} of the storage`, this.#id);
		}
		this.#storageHandler = handler;
		return this;
	}

	/**
	 * Listens for the events of a topic, or of a pattern such as `weather.*` or `weather.**`: all of them, or those whose payload has the
	 * strings in `options.filters`.
	 *
	 * @throws OrchestraError `invalid_topic`
	 */
	subscribe(topic: string, handler: EventHandler): this;
	subscribe(topic: string, options: SubscribeOptions, handler: EventHandler): this;
	subscribe(topic: string, options: SubscribeOptions | EventHandler, handler?: EventHandler): this {
		const hears = typeof options === 'function' ? options : handler;
		assertHandler(hears, `the subscriber of ${topic}`, this.#id);
		const filters = typeof options === 'function' ? {} : { ...options?.filters };
		topicPattern(topic);
		this.#add('needsEvents', [topic]);
		this.#subscriptions.push({ topic, filters, handler: hears });
		return this;
	}

	/**
	 * Listens for a hook of every session: `before_turn`, `before_tool_call`, …, or one that plugins fire. Its result says what it wants
	 * done. A failure is told and skipped, unless `options.required`; `before_tool_call` then refuses the call in any case.
	 *
	 * @example .registerHook('before_turn', ({ prompt }) => ({ messages: [{ role: 'system', content: 'Be brief.' }] }))
	 * @throws OrchestraError `invalid_plugin`
	 */
	registerHook(name: string, handler: HookHandler): this;
	registerHook(name: string, options: HookOptions, handler: HookHandler): this;
	registerHook(name: string, options: HookOptions | HookHandler, handler?: HookHandler): this {
		this.#hooks.push(createHook(this.#id, name, options, handler));
		return this;
	}

	/** Adds a query that is of no session, unless `options.session` says so. @throws OrchestraError `invalid_plugin` */
	registerQuery(name: string, options: OperationOptions, handler: OperationHandler): this {
		return this.#addOperation('query', name, options, handler);
	}

	/** Adds a command, as {@link registerQuery} adds a query. */
	registerCommand(name: string, options: OperationOptions, handler: OperationHandler): this {
		return this.#addOperation('command', name, options, handler);
	}

	/** Adds a task, which can be cancelled, as {@link registerQuery} adds a query. */
	registerTask(name: string, options: OperationOptions, handler: OperationHandler): this {
		return this.#addOperation('task', name, options, handler);
	}

	/**
	 * Takes part in sessions: the factory makes a cheap plugin for each, around what it holds itself.
	 *
	 * @throws OrchestraError `invalid_plugin`, `duplicate_plugin` where it has a factory of that id
	 */
	registerSessionPlugin(factory: SessionPluginFactory): this {
		assertFactory(factory, this.#id);
		if (this.#sessionPlugins.some(({ id }) => id === factory.id)) {
			throw new OrchestraError('duplicate_plugin', `plugin ${this.#id} has a factory ${factory.id} already`);
		}
		this.#sessionPlugins.push(factory);
		return this;
	}

	/**
	 * Gives terminals and commands on resources: `orchestra exec` opens them. Each handler has a resource of its own.
	 *
	 * @example .registerExec({ resource: 'shell', defaultCommand: ['bash'], tty: ({ command }, terminal) => terminal.run({ command }) })
	 * @throws OrchestraError `invalid_plugin`
	 */
	registerExec(...handlers: readonly ExecHandler[]): this {
		for (const handler of handlers) this.#execs.push(checkedExec(this.#id, handler, this.#execs));
		return this;
	}

	/**
	 * Serves a seam by an object or an instance of a class, which has a function for each of its methods. Several versions of one seam may
	 * be served side by side: a host takes the highest that it knows.
	 *
	 * @example .provideSeam(storeSeam, new MemoryStore())
	 * @throws OrchestraError `invalid_plugin` where a method has no function, or the same version is served already
	 */
	provideSeam<Implementation>(seam: ServableSeam<Implementation>, implementation: Implementation): this {
		const { name, version } = seam;
		if (this.#seams.some(({ definition }) => definition.name === name && definition.version === version)) {
			throw new OrchestraError(
				'invalid_plugin',
				`plugin ${this.#id} serves version ${version} of the seam ${name} already`,
			);
		}
		this.#seams.push(seam.serve(implementation));
		return this;
	}

	/**
	 * The plugin as it is now.
	 *
	 * @throws OrchestraError `invalid_plugin` where it says that it provides a tool that it does not have
	 */
	build(): Plugin {
		for (const name of this.#manifest.list('providesTools')) {
			if (this.#tools.has(name)) continue;
			throw new OrchestraError(
				'invalid_plugin',
				`plugin ${this.#id} provides tool ${name} but does not have it`,
				{
					hint: 'Register the tool, or take its name out of providesTools().',
				},
			);
		}
		return new BuiltPlugin({
			manifest: this.#manifest.build(),
			tools: this.#tools,
			prompts: this.#prompts,
			subscriptions: this.#subscriptions,
			storageHandler: this.#storageHandler,
			lifecycle: this.#lifecycle,
			settings: this.#settings,
			hooks: this.#hooks,
			operations: this.#operations,
			sessionPlugins: this.#sessionPlugins,
			execs: this.#execs,
			seams: this.#seams,
		});
	}

	/** The parts of the plugin as it is now, for a host in the same process. Throws what {@link build} throws. */
	export(): ExportedPlugin {
		return this.build().export();
	}

	/** Builds it and runs it as this process. Throws what {@link build} throws. */
	run(options?: RunOptions): Promise<void> {
		return this.build().run(options);
	}

	#addOperation(
		kind: Operation['kind'],
		name: string,
		options: OperationOptions,
		handler: OperationHandler,
	): this {
		if (this.#operations.some((operation) => operation.name === name)) {
			throw new OrchestraError('invalid_plugin', `plugin ${this.#id} has an operation ${name} already`, {
				hint: 'Queries, commands and tasks share their names.',
			});
		}
		const session = options.session ?? 'forbidden';
		this.#operations.push(createOperation(this.#id, kind, name, { ...options, session }, handler));
		return this;
	}

	#add(key: ManifestList, names: string[]): this {
		this.#manifest.add(key, names);
		return this;
	}

	#addTool(name: string, options: AnyToolOptions, handler: unknown, streaming: boolean): this {
		if (this.#tools.has(name)) {
			throw new OrchestraError('duplicate_tool', `plugin ${this.#id} has a tool ${name} already`, {
				hint: 'Unary and streaming tools share their names.',
			});
		}
		this.#tools.set(name, createTool(this.#id, name, options, handler, streaming));
		return this.#add('providesTools', [name]);
	}
}

import type {
	HookInfo,
	OpenedSession,
	OperationInfo,
	SessionContext,
	SessionSnapshot,
} from '../../../services/session-plugin-service.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { createTool } from '../../definition/create-tool.ts';
import { createHook, type Hook, type HookHandler, type HookOptions } from '../../definition/session/hook.ts';
import { createOperation, type Operation } from '../../definition/session/operation.ts';
import type {
	SessionPlugin,
	SessionPluginFactory,
	SessionRegistrar,
} from '../../definition/session/session-plugin.ts';
import type { Tool } from '../../definition/tool.ts';
import { listedSchema } from '../../input/listed-schema.ts';
import { isThenable } from '../is-thenable.ts';

/** State of one plugin in one session. */
export class SessionState {
	readonly context: SessionContext;
	readonly tools = new Map<string, Tool>();
	readonly hooks: Hook[] = [];
	readonly operations = new Map<string, Operation>();
	readonly #claims: string[] = [];
	readonly #pluginId: string;
	readonly #parts: { readonly factory: string; readonly plugin: SessionPlugin }[] = [];
	readonly #builds: Record<string, number> = {};

	constructor(pluginId: string, context: SessionContext) {
		this.#pluginId = pluginId;
		this.context = context;
	}

	/**
	 * Builds, registers, restores, readies; where a step fails, what was built is disposed.
	 *
	 * @param taken names of tools that the session cannot have: the plugin has them for everybody
	 */
	async open(
		factories: readonly SessionPluginFactory[],
		taken: ReadonlyMap<string, Tool>,
		snapshots: readonly SessionSnapshot[],
	): Promise<void> {
		try {
			for (const factory of factories) {
				const plugin = this.#build(factory);
				this.#parts.push({ factory: factory.id, plugin });
				plugin.register?.(this.#registrar(taken));
			}
			for (const { factory, plugin } of this.#parts) {
				const found = snapshots.find((snapshot) => snapshot.factory === factory);
				if (found) this.#assertVersion(plugin, found);
				const { state, ...from } = found ?? { state: undefined, factory, version: '', revision: 0 };
				await plugin.restore?.(state, found && from);
			}
			for (const { plugin } of this.#parts) await plugin.ready?.();
		} catch (error) {
			await this.dispose().catch(() => {});
			throw OrchestraError.from(error, 'session_failed', this.#subject('could not be opened'));
		}
	}

	get opened(): OpenedSession {
		return {
			tools: [...this.tools.values()].map(({ name, description }) => ({ name, description })),
			hooks: this.hooks.map(hookInfo),
			operations: [...this.operations.values()].map(operationInfo),
			claims: this.#claims.map((name) => ({ name })),
			builds: this.#builds,
		};
	}

	async snapshot(): Promise<SessionSnapshot[]> {
		const snapshots: SessionSnapshot[] = [];
		for (const { factory, plugin } of this.#parts) {
			const taken = await plugin.snapshot?.();
			if (taken) snapshots.push({ factory, version: plugin.version ?? '1', ...taken });
		}
		return snapshots;
	}

	/** Disposes all parts, the last first. @throws the first error, when all had their turn */
	async dispose(): Promise<void> {
		const errors: unknown[] = [];
		for (const { plugin } of this.#parts.splice(0).reverse()) {
			try {
				await plugin.dispose?.();
			} catch (error) {
				errors.push(error);
			}
		}
		if (errors.length > 0)
			throw OrchestraError.from(errors[0], 'handler_error', this.#subject('was not disposed'));
	}

	#build(factory: SessionPluginFactory): SessionPlugin {
		const began = performance.now();
		const plugin: unknown = factory.build(this.context);
		this.#builds[factory.id] = performance.now() - began;
		if (typeof plugin === 'object' && plugin !== null && !isThenable(plugin)) return plugin as SessionPlugin;
		if (isThenable(plugin)) plugin.then(undefined, () => {});
		const what = isThenable(plugin) ? 'a promise' : 'no session plugin';
		throw new OrchestraError(
			'session_failed',
			`build of factory ${factory.id} in plugin ${this.#pluginId} returned ${what}`,
			{
				hint: 'build() is synchronous: what takes time is shared by the factory, or done in ready().',
			},
		);
	}

	#registrar(taken: ReadonlyMap<string, Tool>): SessionRegistrar {
		const id = this.#pluginId;
		const operation = (kind: Operation['kind']): SessionRegistrar['query'] => {
			return (name, options, handler) => {
				if (this.operations.has(name)) {
					throw new OrchestraError('session_failed', `plugin ${id} has an operation ${name} already`, {
						hint: 'Queries, commands and tasks share their names.',
					});
				}
				this.operations.set(name, createOperation(id, kind, name, options, handler));
			};
		};
		return {
			tool: (name: string, options: object, handler: unknown) => {
				if (taken.has(name) || this.tools.has(name)) {
					throw new OrchestraError('duplicate_tool', `plugin ${id} has a tool ${name} already`, {
						hint: 'A tool of a session has another name than those of its plugin.',
					});
				}
				this.tools.set(name, createTool(id, name, options, handler, false));
			},
			hook: (name: string, options: HookOptions | HookHandler, handler?: HookHandler) => {
				this.hooks.push(createHook(id, name, options, handler));
			},
			claim: (slot) => {
				if (this.#claims.includes(slot)) {
					throw new OrchestraError('session_failed', `two factories of plugin ${id} claim the slot ${slot}`);
				}
				this.#claims.push(slot);
			},
			query: operation('query'),
			command: operation('command'),
			task: operation('task'),
		};
	}

	#assertVersion({ version = '1' }: SessionPlugin, snapshot: SessionSnapshot): void {
		if (snapshot.version === version) return;
		throw new OrchestraError(
			'snapshot_mismatch',
			`factory ${snapshot.factory} of plugin ${this.#pluginId} is at version ${version} and cannot restore a snapshot of version ${snapshot.version}`,
			{ hint: 'Open the session without the snapshot, or with the plugin that wrote it.' },
		);
	}

	#subject(what: string): string {
		return `session ${this.context.id} ${what} in plugin ${this.#pluginId}`;
	}
}

/** Description of a hook. */
export function hookInfo({ name, timeoutMs, required }: HookInfo): HookInfo {
	return { name, timeoutMs, required };
}

/** Description of an operation. */
export function operationInfo({ kind, name, description, session, input }: Operation): OperationInfo {
	return { kind, name, description, session, inputSchema: listedSchema(input) };
}

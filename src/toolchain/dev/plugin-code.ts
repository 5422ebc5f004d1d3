import { basename, join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { compileWithSources } from '../load/compile-module.ts';
import { isDenoFolder } from '../targets/plugin-command.ts';
import { resolveTarget } from '../targets/resolve-target.ts';
import type { Target } from '../targets/target.ts';
import { projectTree } from '../watch/project-tree.ts';

/** A module that a plugin is written in. */
export type ModuleTarget = Extract<Target, { kind: 'module' }>;

/** The code of a plugin as it was at a moment. */
export interface CodeVersion {
	/** Counts from 1. */
	readonly number: number;
	/** Compiled file; undefined where the runtime reads the sources itself. */
	readonly file: string | undefined;
}

/** Result of reading the code. */
export interface ReadCode {
	/** The version; undefined where it is the one that was read last. */
	readonly version: CodeVersion | undefined;
	readonly fault: OrchestraError | undefined;
	/** Paths of which one has to change before it is worth reading again. */
	readonly paths: readonly string[];
}

/** The code of a plugin that is being written. */
export class PluginCode {
	readonly #word: string;
	readonly #compiles: boolean;
	#target: ModuleTarget;
	#last: CodeVersion | undefined;
	#count = 0;
	/** Files of which the last version that compiled was made. */
	#paths: readonly string[] = [];

	/**
	 * @param word a folder or module
	 * @param spawn whether it runs as a process, which compiles itself where it is for Deno
	 * @throws OrchestraError `target_not_found`, `not_a_plugin`; `usage` where it is something that is not written here
	 */
	constructor(word: string, spawn: boolean) {
		this.#word = word;
		this.#target = moduleTarget(word);
		this.#compiles = !(spawn && isDenoFolder(this.#target.folder));
	}

	/** Its current module: a package.json may name another one from one moment to the next. */
	get target(): ModuleTarget {
		return this.#target;
	}

	/** Reads the code as it is now. Never rejects. */
	async read(): Promise<ReadCode> {
		try {
			this.#target = moduleTarget(this.#word);
			if (!this.#compiles) {
				return { version: this.#next(undefined), fault: undefined, paths: this.#everything() };
			}
			const { file, paths } = await compileWithSources(this.#target.entry);
			this.#paths = [...paths, join(this.#target.folder, 'package.json')];
			const version = isSameCode(file, this.#last?.file) ? undefined : this.#next(file);
			return { version, fault: undefined, paths: this.#paths };
		} catch (error) {
			// The same code that ran before is worth another try once this is mended.
			this.#last = undefined;
			const fault = OrchestraError.from(error, 'plugin_load_failed');
			return { version: undefined, fault, paths: [...this.#paths, ...this.#everything()] };
		}
	}

	/** Lets the next reading be a version, also of the same code: it did not start. */
	forget(): void {
		this.#last = undefined;
	}

	#next(file: string | undefined): CodeVersion {
		this.#last = { number: ++this.#count, file };
		return this.#last;
	}

	#everything(): string[] {
		const { folder, entry } = this.#target;
		return [entry, ...projectTree(folder)];
	}
}

/** Whether two files that code was compiled into are the same code: their names say so, wherever they lie. */
export function isSameCode(file: string | undefined, other: string | undefined): boolean {
	return file !== undefined && other !== undefined && basename(file) === basename(other);
}

function moduleTarget(word: string): ModuleTarget {
	const target = resolveTarget(word);
	if (target.kind === 'module' && !target.check) return target;
	const what =
		target.kind === 'address'
			? 'an address'
			: target.kind === 'mcp'
				? 'an MCP server'
				: target.check
					? 'an installed plugin'
					: 'a program, which is built by other means';
	throw new OrchestraError('usage', `${word} is ${what}: dev runs the sources of a plugin`, {
		hint: 'Name the folder or the module of a plugin in TypeScript or JavaScript; orchestra serve takes everything.',
	});
}

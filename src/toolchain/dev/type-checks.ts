import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { checkTypes, projectTypeScript } from '../bundle/check-types.ts';
import { findProject } from '../bundle/project.ts';
import type { CompilerFault } from '../compile/compiler-fault.ts';
import { findDeno } from '../find-deno.ts';
import type { TypeReport } from './dev-event.ts';

/** Checks the types of a plugin again and again, with its own TypeScript; only the last of several checks comes to its end. */
export class TypeChecks {
	readonly #word: string;
	#under: AbortController | undefined;
	#scratch: string | undefined;

	/** @param word the folder of the plugin, or its module */
	constructor(word: string) {
		this.#word = word;
	}

	/** Begins a check, in the place of one that is under way. */
	check(tell: (report: TypeReport) => void): void {
		this.#under?.abort();
		const under = new AbortController();
		this.#under = under;
		void this.#run(under.signal).then((report) => {
			if (!under.signal.aborted) tell(report);
		});
	}

	close(): void {
		this.#under?.abort();
		if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true });
	}

	async #run(signal: AbortSignal): Promise<TypeReport> {
		const startedAt = performance.now();
		const ms = () => Math.round(performance.now() - startedAt);
		try {
			const project = findProject(this.#word);
			const usesDeno = project.forDeno && findDeno(project.dir) !== undefined;
			// Another version than the author's own would find other things than the editor does.
			const tsc = usesDeno ? undefined : projectTypeScript(project.dir);
			if (!usesDeno && tsc === undefined) {
				return { kind: 'unchecked', reason: 'the project has no TypeScript; npm i -D typescript adds it' };
			}
			const isTyped = await checkTypes(project, { tsc, signal, memory: this.#memory() });
			return isTyped
				? { kind: 'right', ms: ms() }
				: { kind: 'unchecked', reason: 'the plugin is JavaScript without a tsconfig.json' };
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'build_failed');
			const faults = error.details?.faults as readonly CompilerFault[] | undefined;
			if (faults && faults.length > 0) return { kind: 'wrong', faults, ms: ms() };
			return { kind: 'unchecked', reason: error.message };
		}
	}

	/** Folder in which TypeScript keeps what it knows of files that did not change. */
	#memory(): string {
		this.#scratch ??= mkdtempSync(join(realpathSync(tmpdir()), 'orchestra-dev-'));
		return join(this.#scratch, 'types.tsbuildinfo');
	}
}

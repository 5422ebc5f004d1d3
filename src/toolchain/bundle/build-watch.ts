import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { FileWatch } from '../watch/file-watch.ts';
import { projectTree } from '../watch/project-tree.ts';
import { type BuildPluginOptions, buildPlugin, outputFolder, type PluginBuild } from './build-plugin.ts';
import { OutputClaim } from './output-claim.ts';
import { findProject, type PluginProject } from './project.ts';

/** Result of a build that was made because something was saved. */
export type BuildEvent = {
	/** Counts from 1. */
	readonly number: number;
	/** Saved files, relative to the working folder; none for the first build. */
	readonly changed: readonly string[];
	/** Milliseconds since the save was seen. */
	readonly ms: number;
} & (
	| { readonly kind: 'built' | 'unchanged'; readonly built: PluginBuild }
	| {
			readonly kind: 'failed';
			readonly error: OrchestraError;
			/** Whether the files of an earlier build stand as they were. */
			readonly kept: boolean;
	  }
);

/** Options of building again and again. */
export interface BuildWatchOptions {
	/** The folder of the plugin, or its module. */
	readonly path: string;
	readonly build: Omit<BuildPluginOptions, 'claim' | 'onlyChanged' | 'typeMemory'>;
	readonly tell: (event: BuildEvent) => void;
	/** Called once where changes are found late, because the system does not tell of them. */
	readonly onSlow?: ((error: unknown) => void) | undefined;
}

/** Builds a plugin at each save, one build after the other and only the last of a storm. What fails leaves the last output as it is. */
export class BuildWatch implements Disposable {
	readonly #options: BuildWatchOptions;
	readonly #project: PluginProject;
	readonly #out: string;
	readonly #claim: OutputClaim;
	readonly #watch: FileWatch;
	readonly #scratch: string;
	#count = 0;
	/** Files of which the last build that succeeded was made. */
	#paths: readonly string[] = [];
	#changed = new Set<string>();
	#changedAt = performance.now();
	#isWorking = true;
	#isClosed = false;

	/** @throws OrchestraError `target_not_found`, `not_a_plugin` where there is nothing to watch */
	constructor(options: BuildWatchOptions) {
		this.#options = options;
		this.#project = findProject(options.path);
		this.#out = outputFolder(this.#project, options.build.out);
		this.#claim = new OutputClaim(this.#out);
		this.#watch = new FileWatch({ onChange: (paths) => this.#take(paths), onSlow: options.onSlow });
		this.#scratch = mkdtempSync(join(realpathSync(tmpdir()), 'orchestra-watch-'));
		process.once('exit', this.#removeScratch);
	}

	/**
	 * Builds for the first time, and at each save from then on.
	 *
	 * @throws OrchestraError `usage` where the output cannot be written, or somebody else writes it; `no_space`
	 */
	async open(): Promise<void> {
		await this.#claim.take();
		await this.#build([]);
		this.#isWorking = false;
		this.#work();
	}

	[Symbol.dispose](): void {
		this.#isClosed = true;
		this.#watch.close();
		this.#claim[Symbol.dispose]();
		process.off('exit', this.#removeScratch);
		this.#removeScratch();
	}

	readonly #removeScratch = () => rmSync(this.#scratch, { recursive: true, force: true });

	#take(paths: readonly string[]): void {
		if (this.#changed.size === 0) this.#changedAt = performance.now();
		for (const path of paths) this.#changed.add(path);
		this.#work();
	}

	#work(): void {
		if (this.#isWorking || this.#isClosed || this.#changed.size === 0) return;
		const changed = [...this.#changed].map((path) => relative(process.cwd(), path) || '.');
		this.#changed.clear();
		this.#isWorking = true;
		void this.#build(changed).finally(() => {
			this.#isWorking = false;
			this.#work();
		});
	}

	/** Never rejects. */
	async #build(changed: readonly string[]): Promise<void> {
		const { path, build, tell } = this.#options;
		const startedAt = this.#changedAt;
		const since = Date.now();
		const about = () => ({
			number: ++this.#count,
			changed,
			ms: Math.round(performance.now() - startedAt),
		});
		let event: BuildEvent;
		let watched: readonly string[];
		try {
			const built = await buildPlugin(path, {
				...build,
				out: this.#out,
				claim: this.#claim,
				onlyChanged: true,
				typeMemory: join(this.#scratch, 'types.tsbuildinfo'),
			});
			this.#paths = built.paths;
			// Types may be wrong in files of which nothing is in the bundle.
			watched = [...built.paths, ...(built.checked ? this.#sources().filter(isTyped) : [])];
			event = { kind: built.written > 0 ? 'built' : 'unchanged', built, ...about() };
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'build_failed');
			watched = [...this.#paths, ...this.#sources()];
			event = { kind: 'failed', error, kept: existsSync(join(this.#out, 'manifest.json')), ...about() };
		}
		if (this.#isClosed) return;
		// Before it is told: who hears of it may save again at once.
		this.#watch.watch(watched, since);
		tell(event);
	}

	/** Files of the project. A build that failed writes nothing, so that watching its output too leads to no second one. */
	#sources(): string[] {
		const { dir, entry } = this.#project;
		return [resolve(this.#options.path), entry, join(dir, 'package.json'), ...projectTree(dir)];
	}
}

function isTyped(path: string): boolean {
	return /\.[cm]?tsx?$/.test(path);
}

import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { CompilerFault } from '../compile/compiler-fault.ts';
import { findDeno } from '../find-deno.ts';
import { ownEntries, toolchainRoot } from '../installation.ts';
import { buildFailed } from './build-failed.ts';
import type { PluginProject } from './project.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { withScratchFolder } from './scratch-folder.ts';

/** Milliseconds that a type check may take. */
const checkTimeoutMs = 5 * 60_000;

/** Options of the check of types. */
export interface TypeCheckOptions {
	/** The TypeScript that checks them. Default: the project's own, else the one that is installed beside us. */
	readonly tsc?: string | undefined;
	/** Aborting it ends the check, whose outcome is nothing then. */
	readonly signal?: AbortSignal | undefined;
	/** A file in which TypeScript keeps what it knows, for the next check. Default: it begins anew each time. */
	readonly memory?: string | undefined;
}

/**
 * Type-checks a plugin: one for Deno with `deno check`, where there is a Deno, because only Deno knows its own types; any
 * other with the project's own TypeScript, by its tsconfig.json or, where it has none, by strict defaults.
 *
 * @returns false where there was nothing to check: a JavaScript module without a tsconfig.json
 * @throws OrchestraError `build_failed` with the place of each fault
 */
export async function checkTypes(project: PluginProject, options: TypeCheckOptions = {}): Promise<boolean> {
	const tsconfig = join(project.dir, 'tsconfig.json');
	const hasTsconfig = existsSync(tsconfig);
	if (!hasTsconfig && !/^\.[cm]?tsx?$/.test(extname(project.entry))) return false;
	const deno = project.forDeno ? findDeno(project.dir) : undefined;
	if (deno !== undefined) await checkWithDeno(deno, project, options);
	else if (hasTsconfig) judge(project, await runTsc(project, tsconfig, options), tscFaults);
	else await checkWithDefaults(project, options);
	return true;
}

async function checkWithDeno(
	deno: string,
	project: PluginProject,
	{ signal }: TypeCheckOptions,
): Promise<void> {
	const result = await runProgram(deno, ['check', '--quiet', project.entry], checkTimeoutMs, {
		cwd: project.dir,
		env: { ...process.env, NO_COLOR: '1' },
		signal,
	});
	judge(project, result, denoFaults);
}

async function checkWithDefaults(project: PluginProject, options: TypeCheckOptions): Promise<void> {
	await withScratchFolder(async (folder) => {
		const tsconfig = join(folder, 'tsconfig.json');
		writeFileSync(tsconfig, JSON.stringify(defaultTsconfig(project)));
		judge(project, await runTsc(project, tsconfig, options), tscFaults);
	});
}

/** Strict, for a module that is bundled. A plugin needs no copy of the toolchain, so its types come from here. */
function defaultTsconfig({ entry, dir }: PluginProject) {
	const typeRoots = [dir, toolchainRoot].map((root) => join(root, 'node_modules', '@types'));
	return {
		compilerOptions: {
			target: 'es2023',
			lib: ['es2023', 'esnext.disposable'],
			// The bundler sees it so: every module is an ES module, whatever package.json says.
			module: 'preserve',
			moduleDetection: 'force',
			typeRoots,
			types: typeRoots.some((root) => existsSync(join(root, 'node'))) ? ['node'] : [],
			paths: Object.fromEntries(
				Object.entries(ownEntries).map(([name, module]) => [
					`orchestra-toolchain${name}`,
					[join(toolchainRoot, 'dist', `${module}.d.ts`)],
				]),
			),
			strict: true,
			allowImportingTsExtensions: true,
			skipLibCheck: true,
			noEmit: true,
		},
		files: [entry],
	};
}

/** The TypeScript that a project has itself; undefined where it has none. */
export function projectTypeScript(dir: string): string | undefined {
	return typeScriptFrom(join(dir, 'package.json'));
}

function typeScriptFrom(module: string): string | undefined {
	try {
		return join(dirname(createRequire(module).resolve('typescript/package.json')), 'bin', 'tsc');
	} catch {
		return undefined; // Not there.
	}
}

/** The project's own TypeScript, else the one that is installed beside us. */
function findTsc({ dir }: PluginProject): string {
	const found = projectTypeScript(dir) ?? typeScriptFrom(import.meta.url);
	if (found !== undefined) return found;
	throw new OrchestraError('build_failed', `there is no TypeScript to check the types of ${dir} with`, {
		hint: 'Run npm i -D typescript in its folder, or build with --no-check.',
		details: { path: dir },
	});
}

function runTsc(
	project: PluginProject,
	tsconfig: string,
	{ tsc = findTsc(project), signal, memory }: TypeCheckOptions,
): Promise<ProgramResult> {
	const kept = memory === undefined ? [] : ['--incremental', '--tsBuildInfoFile', memory];
	const args = [tsc, '--noEmit', '--pretty', 'false', ...kept, '-p', tsconfig];
	return runProgram(process.execPath, args, checkTimeoutMs, { signal });
}

function judge(
	project: PluginProject,
	{ exit, ok, output }: ProgramResult,
	read: (output: string) => CompilerFault[],
): void {
	if (ok) return;
	const where = relative(process.cwd(), project.dir) || 'this folder';
	const faults = read(output);
	if (faults.length === 0) {
		throw new OrchestraError(
			'build_failed',
			`the types of the plugin in ${where} could not be checked (${exit})`,
			{
				hint: 'Add --no-check to build without.',
				details: { output: output.slice(-4096) },
			},
		);
	}
	const count = faults.length === 1 ? 'a type error' : `${faults.length} type errors`;
	throw buildFailed(
		`the plugin in ${where} has ${count}`,
		faults,
		faults.some(({ text }) => /^TS2307/.test(text))
			? 'Install what it imports with npm install, and mend the rest; or build with --no-check.'
			: 'Mend the types, or build with --no-check.',
	);
}

/**
 * Reads `file(line,column): error TS1: text`, whose further lines are indented and say more and more exactly why. Paths are
 * relative to our own folder.
 */
function tscFaults(output: string): CompilerFault[] {
	const faults: CompilerFault[] = [];
	for (const line of output.split('\n')) {
		const placed = /^(.+)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line);
		const general = /^error (TS\d+: .*)$/.exec(line);
		const last = faults.at(-1);
		if (placed) {
			const [, file = '', row, column, text = ''] = placed;
			faults.push({ file, line: Number(row), column: Number(column), text });
		} else if (general) faults.push({ text: general[1] ?? '' });
		else if (last && /^\s+\S/.test(line)) faults.splice(-1, 1, { ...last, text: `${last.text}\n${line}` });
	}
	return faults;
}

/** Reads `TS1 [ERROR]: text`, some lines of source, and `at file:///file:line:column`. */
function denoFaults(output: string): CompilerFault[] {
	const faults: CompilerFault[] = [];
	let text: string | undefined;
	for (const line of output.split('\n')) {
		const begin = /^(TS\d+) \[ERROR\]: (.*)$/.exec(line);
		const place = /^\s+at (file:.*):(\d+):(\d+)$/.exec(line);
		const other = /^error: (?!Type checking failed)(.*)$/.exec(line);
		if (begin) text = `${begin[1]}: ${begin[2]}`;
		else if (place && text !== undefined) {
			const [, url = '', row, column] = place;
			const file = relative(process.cwd(), fileURLToPath(url));
			faults.push({ file, line: Number(row), column: Number(column), text });
			text = undefined;
		} else if (other) faults.push({ text: other[1] ?? '' });
	}
	return faults;
}

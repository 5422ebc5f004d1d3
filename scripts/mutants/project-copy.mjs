// A copy of the project in which files can be broken, and mended again.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/** What the tests need of the project. */
const parts = [
	'bench',
	'bin',
	'dist',
	'docs',
	'examples',
	'LICENSE',
	'oclif.manifest.json',
	'package.json',
	'proto',
	'README.md',
	'scripts',
	'src',
	'templates',
	'test',
	'tsconfig.build.json',
	'tsconfig.json',
	'vitest.config.ts',
];

/** Text of a test, or of what it imports or names below test/, that shows that it runs what was built. */
const runsBuilt = /bin\/orchestra|dist\/|'dist'/;

/** What the programs beside the tests import was built; the tests have the sources by that name. */
const importsBuilt = /'orchestra-toolchain/;

/** What there is to say against an edit; undefined where it can be made. */
export function editFault({ from, to }, source) {
	const count = source.split(from).length - 1;
	if (count === 0) return 'its text is not in the file any more';
	if (count > 1) return `its text is in the file ${count} times`;
	return from === to ? 'it changes nothing' : undefined;
}

export class ProjectCopy {
	folder;
	#needsBuild = new Map();
	#tests;
	#sourcesKey;

	constructor(root) {
		this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-mutants-')));
		// Some tests run the executable as another user.
		chmodSync(this.folder, 0o755);
		for (const part of parts) {
			const from = join(root, part);
			if (existsSync(from)) cpSync(from, this.path(part), { recursive: true, preserveTimestamps: true });
		}
		symlinkSync(join(root, 'node_modules'), this.path('node_modules'));
		const fault = this.#build('--if-stale');
		if (fault) throw new Error(fault);
		// An edit may leave something unused. Settings that are newer than what was built would have it all built again.
		const settings = this.path('tsconfig.json');
		writeFileSync(settings, readFileSync(settings, 'utf8').replace(/("noUnused\w+"): true/g, '$1: false'));
		this.#sourcesKey = this.#keyOf(this.filesBelow('src'));
	}

	path(name) {
		return join(this.folder, name);
	}

	remove() {
		// Processes of a test that was ended may still write for a moment.
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
	}

	/** The files below a folder of the project, by their paths in it. */
	filesBelow(folder) {
		return readdirSync(this.path(folder), { recursive: true })
			.map((name) => join(folder, name))
			.filter((name) => statSync(this.path(name)).isFile())
			.sort();
	}

	/** The test files that an entry of a list means: one, or those of a folder. Undefined where there is no such thing. */
	testFiles(name) {
		const path = join('test', name);
		if (!existsSync(this.path(path))) return undefined;
		if (!statSync(this.path(path)).isDirectory()) return [path];
		return this.filesBelow(path).filter((file) => /\.test\.tsx?$/.test(file));
	}

	#keyOf(files) {
		const hash = createHash('sha256');
		for (const file of files) hash.update(`${file}\n`).update(readFileSync(this.path(file)));
		return hash.digest('hex');
	}

	/** Changes with the tests in some files, and with what lies beside them and in test/support. */
	testsKey(files) {
		const beside = files.flatMap((file) =>
			readdirSync(this.path(dirname(file)))
				.map((name) => join(dirname(file), name))
				.filter((name) => !/\.test\.tsx?$/.test(name) && statSync(this.path(name)).isFile()),
		);
		return this.#keyOf([...new Set([...files, ...beside, ...this.filesBelow('test/support')])].sort());
	}

	/** Changes with every source of the project. Only while nothing is broken. */
	get sourcesKey() {
		return this.#sourcesKey;
	}

	sourceKey(file) {
		return this.#keyOf([join('src', file)]);
	}

	/** Whether a test file runs the executable, or something else that was built. */
	needsBuild(file) {
		const known = this.#needsBuild.get(file);
		if (known !== undefined) return known;
		// Where two files import each other.
		this.#needsBuild.set(file, false);
		const text = readFileSync(this.path(file), 'utf8');
		const isProgram = /\.mjs$|\/fixtures\//.test(file);
		const needs =
			runsBuilt.test(text) ||
			(isProgram && importsBuilt.test(text)) ||
			this.#namedIn(file, text).some((path) => this.needsBuild(path));
		this.#needsBuild.set(file, needs);
		return needs;
	}

	/** The files below test/ that a test imports, or starts by their names. */
	#namedIn(file, text) {
		this.#tests ??= this.filesBelow('test');
		const area = file.split('/', 2).join('/');
		const imported = [...text.matchAll(/'(\.{1,2}\/[^']+)'/g)].map(([, path]) =>
			relative(this.folder, join(this.path(dirname(file)), path)),
		);
		const started = new Set([...text.matchAll(/[\w-]+\.(?:tsx?|mjs)\b/g)].map(([name]) => name));
		return this.#tests.filter(
			(path) => imported.includes(path) || (path.startsWith(`${area}/`) && started.has(basename(path))),
		);
	}

	#build(...args) {
		const built = spawnSync(process.execPath, [this.path('scripts/build.mjs'), ...args], {
			cwd: this.folder,
			encoding: 'utf8',
		});
		return built.status === 0 ? undefined : `it cannot be built: ${built.stdout}${built.stderr}`;
	}

	/** Makes an edit. What it returns takes it back; it throws where the edit cannot be made. */
	break(mutant) {
		const file = this.path(join('src', mutant.file));
		if (!existsSync(file)) throw new Error('its file is gone');
		const source = readFileSync(file, 'utf8');
		const fault = editFault(mutant, source);
		if (fault) throw new Error(fault);
		writeFileSync(
			file,
			source.replace(mutant.from, () => mutant.to),
		);
		return new BrokenCopy(this, file, source, (...args) => this.#build(...args));
	}
}

class BrokenCopy {
	#copy;
	#file;
	#source;
	#build;
	#whole;

	constructor(copy, file, source, build) {
		this.#copy = copy;
		this.#file = file;
		this.#source = source;
		this.#build = build;
		this.#whole = copy.path('dist.whole');
	}

	/** The path of the file that is broken. */
	get file() {
		return this.#file;
	}

	/** Builds what is broken, for the tests that run what was built. Throws where it cannot be built. */
	build() {
		if (existsSync(this.#whole)) return;
		cpSync(this.#copy.path('dist'), this.#whole, { recursive: true });
		const fault = this.#build('--code-only');
		if (fault) throw new Error(fault);
	}

	mend() {
		writeFileSync(this.#file, this.#source);
		if (!existsSync(this.#whole)) return;
		rmSync(this.#copy.path('dist'), { recursive: true, force: true });
		renameSync(this.#whole, this.#copy.path('dist'));
	}
}

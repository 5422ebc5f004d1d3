import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { isModuleFile } from '../../load/plugin-entry.ts';

/** Source from which a plugin is installed. */
export type InstallSource =
	/** A folder or module with the source of a plugin, or a folder that `orchestra build` wrote. */
	| { readonly kind: 'folder'; readonly path: string }
	/** A gzipped tar archive in the layout of npm, or an MCP bundle. */
	| { readonly kind: 'archive'; readonly path: string }
	/** A program of any language that follows the process contract. */
	| { readonly kind: 'executable'; readonly path: string }
	/** A package that npm can pack: by name, version, range or tag, or the address of a `.tgz`. */
	| { readonly kind: 'npm'; readonly spec: string }
	/** A git repository, and a branch, tag or commit of it. */
	| { readonly kind: 'git'; readonly url: string; readonly ref: string | undefined };

const archiveName = /\.(tgz|tar\.gz|mcpb|dxt)$/i;

/** Endings of the names of MCP bundles, now and formerly. */
export const bundleName = /\.(mcpb|dxt)$/i;
const npmName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(@[^\s"'`$&|;<>()\\]+)?$/i;
const hostedRepository =
	/^((?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)\/[\w.-]+\/[\w.-]+?)(?:\.git)?(?:[@#](.+))?$/;

/**
 * Tells what a word for a source means. A path is one that exists or looks like one (`./x`, `/x`, `~/x`, `x.tgz`); a git URL begins
 * with `git+`, `git:`, `ssh:`, `file:` or `git@` or ends in `.git`, with `#REF` behind; everything else is npm's.
 *
 * @param cwd what a relative path is relative to
 * @throws OrchestraError `usage`, `target_not_found`, `not_a_plugin`
 */
export function parseSource(word: string, cwd: string = process.cwd()): InstallSource {
	if (word === '' || word.startsWith('-')) throw noSource(word, 'is no source');
	const address = /[a-z][a-z+]*:\/\/.+$/i.exec(word)?.[0];
	if (address) assertNoPassword(address);
	const git = parseGit(word);
	if (git) return git;
	if (/^https?:\/\//i.test(word) && bundleName.test(word)) {
		throw new OrchestraError('usage', `${word} is an MCP bundle, which is installed from a file`, {
			hint: 'Download it first, and look at where it comes from.',
		});
	}
	if (/^https?:\/\//i.test(word)) return { kind: 'npm', spec: word };
	if (word.startsWith('npm:')) return npmSource(word.slice(4));
	const path = resolve(
		cwd,
		word.replace(/^~(?=$|[/\\])/, () => homedir()),
	);
	const stats = statSync(path, { throwIfNoEntry: false });
	if (stats?.isDirectory()) return { kind: 'folder', path };
	if (stats?.isFile()) {
		if (archiveName.test(path)) return { kind: 'archive', path };
		if (isModuleFile(path)) return { kind: 'folder', path };
		if (process.platform === 'win32' || stats.mode & 0o111) return { kind: 'executable', path };
		throw new OrchestraError('not_a_plugin', `${word} is no module, archive or executable`, {
			hint: `Make it executable with chmod +x ${word}, or name a .ts, .js or .tgz file.`,
			details: { path },
		});
	}
	if (stats) throw noSource(word, 'is neither a file nor a folder');
	if (/^[.~]|^[/\\]|\\/.test(word) || isAbsolute(word) || (archiveName.test(word) && !address)) {
		throw new OrchestraError('target_not_found', `there is no file or folder ${word}`, {
			hint: 'Name a folder, a .tgz, an .mcpb, an executable, an npm package or a git URL.',
			details: { path },
		});
	}
	return npmSource(word);
}

function npmSource(spec: string): InstallSource {
	if (npmName.test(spec) && !spec.includes('..')) return { kind: 'npm', spec };
	throw noSource(spec, 'is neither a file, nor a git URL, nor the name of an npm package');
}

function parseGit(word: string): InstallSource | undefined {
	const hosted = hostedRepository.exec(word);
	// The Go command line takes these, too.
	if (hosted) return gitSource(`https://${hosted[1]}.git`, hosted[2]);
	const [address = '', ref] = splitRef(word);
	if (/^git\+(https?|ssh|file|git):/i.test(address)) return gitSource(address.slice(4), ref);
	if (/^(git|ssh|file):\/\//i.test(address) || /^[\w.-]+@[\w.-]+:(?!\/\/)/.test(address)) {
		return gitSource(address, ref);
	}
	if (/^https?:\/\/.+\.git$/i.test(address)) return gitSource(address, ref);
	return undefined;
}

function splitRef(word: string): [string, string | undefined] {
	const at = word.indexOf('#');
	return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function gitSource(url: string, ref: string | undefined): InstallSource {
	// A leading dash would be an option to git.
	if (ref !== undefined && !/^[\w][\w./+@-]*$/.test(ref)) {
		throw noSource(ref, 'is no branch, tag or commit');
	}
	return { kind: 'git', url, ref };
}

/** Refuses a password in a text that is recorded and shown. */
function assertNoPassword(url: string): void {
	let password = '';
	try {
		({ password } = new URL(url));
	} catch {
		return; // git@host:path, which has none.
	}
	if (password === '') return;
	throw new OrchestraError('usage', 'the address has a password in it', {
		hint: "Leave it out: npm and git take it from the user's own settings, .npmrc or a credential helper.",
	});
}

function noSource(word: string, why: string): OrchestraError {
	return new OrchestraError('usage', `${JSON.stringify(word)} ${why}`, {
		hint: 'Name a folder, a .tgz, an executable, an npm package such as weather@1, or a git URL.',
	});
}

/**
 * A source as a word that {@link parseSource} reads again.
 *
 * @param from the folder that paths are written relative to; without it they are absolute
 */
export function formatSource(source: InstallSource, from?: string): string {
	if (source.kind === 'npm') return /^https?:/i.test(source.spec) ? source.spec : `npm:${source.spec}`;
	if (source.kind === 'git') {
		const url = /^https?:/i.test(source.url) ? `git+${source.url}` : source.url;
		return source.ref === undefined ? url : `${url}#${source.ref}`;
	}
	if (from === undefined) return source.path;
	const path = relative(from, source.path);
	// On Windows there is no way from one disk to another.
	if (isAbsolute(path)) return source.path;
	const posix = path.split(sep).join('/');
	return posix.startsWith('../') || posix === '..' ? posix : `./${posix}`;
}

/** The key of a source in the registry: where a plugin comes from, whatever the version. Of GitHub's repositories it is the Go side's. */
export function registryKey(source: InstallSource): string {
	switch (source.kind) {
		case 'npm': {
			if (/^https?:/i.test(source.spec)) return source.spec;
			const at = source.spec.indexOf('@', 1);
			return `npm:${at < 0 ? source.spec : source.spec.slice(0, at)}`;
		}
		case 'git':
			return source.url.replace(/^https?:\/\/(?=github\.com\/)/i, '').replace(/\.git$/, '');
		default:
			return source.path;
	}
}

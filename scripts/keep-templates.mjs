// Keeps what the templates were, so that `orchestra init --update` can tell what an author has changed since. templates/versions.json
// holds a digest of each version; a test holds the templates to it.
//
//   npm run templates:keep            the templates have changed since they were released: makes a new version, keeps the old texts
//   npm run templates:keep -- --amend they have changed within a version that no release has had
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const templates = join(root, 'templates');
const record = join(templates, 'versions.json');

/** The parts of the templates, each a folder. */
export const templateParts = readdirSync(templates, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && entry.name !== 'was')
	.map(({ name }) => name)
	.sort();

/** A digest over texts by part and name. */
export function templatesDigest(textsOf) {
	const hash = createHash('sha256');
	for (const part of templateParts) {
		for (const [name, text] of [...textsOf(part)].sort(([a], [b]) => (a < b ? -1 : 1))) {
			hash.update(JSON.stringify([part, name, text]));
		}
	}
	return hash.digest('hex');
}

function textsOf(part) {
	const folder = join(templates, part);
	return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
}

/** The text of a file as git has it at HEAD; undefined where it has none. */
function committed(path) {
	try {
		return execFileSync('git', ['show', `HEAD:templates/${path}`], {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		});
	} catch {
		return undefined;
	}
}

function keepOld(version) {
	for (const part of templateParts) {
		const listed = execFileSync('git', ['ls-tree', '--name-only', 'HEAD', `templates/${part}/`], {
			cwd: root,
			encoding: 'utf8',
		});
		const before = new Map(
			listed
				.split('\n')
				.filter((path) => path !== '')
				.map((path) => [path.slice(`templates/${part}/`.length), committed(path.slice('templates/'.length))]),
		);
		const now = new Map(textsOf(part));
		for (const name of new Set([...before.keys(), ...now.keys()])) {
			if (before.get(name) === now.get(name)) continue;
			const kept = join(templates, 'was', String(version), part, name);
			// What is kept already is what that version had: this one has changed since.
			if (existsSync(`${kept}.txt`) || existsSync(`${kept}.absent`)) continue;
			mkdirSync(dirname(kept), { recursive: true });
			if (before.has(name)) writeFileSync(`${kept}.txt`, before.get(name));
			else writeFileSync(`${kept}.absent`, '');
		}
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const digests = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
	const last = Math.max(...Object.keys(digests).map(Number));
	const digest = templatesDigest(textsOf);
	if (digests[last] !== digest) {
		const amends = process.argv.includes('--amend');
		// Within a version, too, what was the same in the one before has to be kept for that.
		keepOld(amends ? last - 1 : last);
		digests[amends ? last : last + 1] = digest;
		writeFileSync(record, `${JSON.stringify(digests, null, 2)}\n`);
		process.stdout.write(`templates are at version ${amends ? last : last + 1}\n`);
	}
}

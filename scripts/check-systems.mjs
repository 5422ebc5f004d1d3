// Checks docs/systems.md, or the page that is named: `node scripts/check-systems.mjs [PAGE]`. Every row is there once, and each test
// that it names is in its file. Prints what is wrong and exits 1; what is marked as open is printed too.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rows that there have to be: a letter and the last number. */
const rows = { S: 18, B: 33, C: 15, G: 21, T: 19, L: 23, E: 16, Y: 20 };

/** Rows about the prompts of one model, which are no business of this project. */
const leftOut = ['L15', 'L18', 'L19'];

const expected = Object.entries(rows)
	.flatMap(([letter, last]) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`))
	.filter((row) => !leftOut.includes(row));

/** A file and the name of a test in it: `path` “name”. */
const reference = /`([^`]+)` “([^”]+)”/g;

/** Whether a source has a text as a literal: in whatever quotes, and with its quotes escaped or not. */
function hasLiteral(source, text) {
	const plain = source.replaceAll("\\'", "'").replaceAll('\\"', '"');
	return ["'", '"', '`'].some((quote) => plain.includes(quote + text + quote));
}

/**
 * What is wrong with the page, a sentence each, and what it says is open.
 *
 * @param page the text of docs/systems.md
 * @param root the folder that the paths in it start from
 */
function checkSystems(page, root) {
	const wrong = [];
	const open = [];
	const seen = new Set();
	for (const line of page.split('\n')) {
		const [, id] = /^\| ([SBCGTLEY]\d+) \|/.exec(line) ?? [];
		if (!id) continue;
		if (!expected.includes(id)) wrong.push(`${id} is no row that there has to be`);
		if (seen.has(id)) wrong.push(`${id} is there twice`);
		seen.add(id);
		const isOpen = line.includes('(open)');
		if (isOpen) open.push(id);
		const named = [...line.matchAll(reference)];
		if (named.length === 0 && !isOpen) wrong.push(`${id} names no test`);
		for (const [, path, name] of named) {
			const file = join(root, path);
			if (!existsSync(file)) wrong.push(`${id}: there is no file ${path}`);
			else if (!hasLiteral(readFileSync(file, 'utf8'), name))
				wrong.push(`${id}: ${path} has no test “${name}”`);
		}
	}
	for (const id of expected) if (!seen.has(id)) wrong.push(`${id} is missing`);
	return { wrong, open };
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { wrong, open } = checkSystems(
	readFileSync(process.argv[2] ?? join(root, 'docs/systems.md'), 'utf8'),
	root,
);
if (open.length > 0) console.log(`open: ${open.join(', ')}`);
for (const sentence of wrong) console.error(sentence);
if (wrong.length > 0) process.exit(1);

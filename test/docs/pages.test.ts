import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { type ListedCommand, readCommands } from '../../src/cli/completion/command-list.ts';
import { projectRoot } from '../support/run-cli.ts';
import { codeBlocks } from './code-blocks.ts';

const below = (folder: string) =>
	readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
		.map((name) => join(folder, name));

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...below('docs'), ...below('examples')].map(
	(path) => ({
		path,
		text: readFileSync(join(projectRoot, path), 'utf8'),
	}),
);
const textOf = new Map(pages.map(({ path, text }) => [path, text]));

/** A page without its blocks of code. */
function proseOf(text: string): string {
	return text.replaceAll(/^\s*(`{3,})[\s\S]*?^\s*\1$/gm, '');
}

/** The anchors of the headings of a page, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
	const heads = [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, head = '']) =>
		head
			.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
			.replaceAll(/\s/g, '-'),
	);
	return new Set(heads);
}

/** The relative links of a page: where they lead, from the root, and to which anchor. */
function linksOf({ path, text }: { path: string; text: string }) {
	return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
		.map(([, link = '']) => link)
		.filter((link) => !/^[a-z]+:/.test(link))
		.map((link) => {
			const [file = '', anchor] = link.split('#');
			const target = file === '' ? path : relative('.', join(dirname(path), file));
			return { link, target, anchor };
		});
}

test.each(pages)('every link of $path leads somewhere', (page) => {
	const lost = linksOf(page).filter(({ target, anchor }) => {
		if (!existsSync(join(projectRoot, target))) return true;
		const text = textOf.get(target);
		return anchor !== undefined && (text === undefined || !anchorsOf(text).has(anchor));
	});
	expect(lost.map(({ link }) => link)).toEqual([]);
});

test.each(pages)('every file of this project that $path names is there', ({ text }) => {
	const named = [...proseOf(text).matchAll(/`((?:src|test|scripts|bench)\/[\w./-]+\.(?:ts|mjs|txt))`/g)];
	const lost = named
		.map(([, file = '']) => file)
		// That is one of a reader's project.
		.filter((file) => file !== 'src/plugin.ts' && !existsSync(join(projectRoot, file)));
	expect(lost).toEqual([]);
});

test('every page of docs/ is found from the README', () => {
	const found = new Set(['README.md']);
	for (const path of found) {
		const text = textOf.get(path);
		if (text === undefined) continue;
		for (const { target } of linksOf({ path, text })) found.add(target);
	}
	expect(
		pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !found.has(path)),
	).toEqual([]);
});

const commands = new Map(readCommands(projectRoot).map((command) => [command.id, command]));

/** What of a command line is none: a command or a flag that does not exist. */
function faultOf(line: string): string | undefined {
	const words = line.split(/\s+/).slice(1);
	const [first = '', second = ''] = words;
	if (first === '' || /^[-A-Z…]/.test(first)) return undefined;
	const command: ListedCommand | undefined = commands.get(`${first}:${second}`) ?? commands.get(first);
	if (!command) {
		const isTopic = [...commands.keys()].some((id) => id.startsWith(`${first}:`));
		return isTopic && /^($|[-A-Z…])/.test(second) ? undefined : `${line}: no such command`;
	}
	const known = Object.values(command.flags).flatMap(({ name, char, allowNo }) => [
		`--${name}`,
		...(char ? [`-${char}`] : []),
		...(allowNo ? [`--no-${name}`] : []),
	]);
	// What stands behind -- is another program's.
	const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
	const flags = own.map((word) => /^--?[a-z][a-z-]*/.exec(word)?.[0]).filter((flag) => flag !== undefined);
	const unknown = flags.filter((flag) => ![...known, '--help', '-h'].includes(flag));
	return unknown.length > 0 ? `${line}: no flag ${unknown.join(', ')}` : undefined;
}

test.each(pages)('every command of $path exists, with its flags', ({ text }) => {
	const blocks = codeBlocks(text)
		.filter(({ language }) => language === 'sh' || language === '')
		.flatMap((block) => block.text.split('\n'));
	const indented = [...text.matchAll(/^ {4}(.*)$/gm)].map(([, line = '']) => line);
	const inline = [...proseOf(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
	const lines = [...blocks, ...indented, ...inline]
		.map((line) => line.replace(/\s*#.*$/, '').replace(/^(?:[A-Z_]+=\S+ )+/, ''))
		// The words of an MCP server's command are its own.
		.map((line) => line.replace(/"mcp:[^"]+"|mcp:npx -y [^" ]+/, 'TARGET'))
		.flatMap((line) => line.split(/ (?:\|\|?|&&|;) /))
		.filter((line) => /^orchestra (?!\d)/.test(line.trim()));
	expect(lines.map((line) => faultOf(line.trim())).filter((fault) => fault !== undefined)).toEqual([]);
});

test('the README begins with what runs it and what tests it, in a clone that has nothing yet', () => {
	const [run, check] = codeBlocks(readFileSync(join(projectRoot, 'README.md'), 'utf8'));
	expect(run?.text).toMatch(/^npm ci && npm run -s orchestra -- call examples\/\S+ /);
	expect(check?.text).toBe('npm ci && npm test');
});

test.each(['README.md', 'CONTRIBUTING.md'])('every script that %s names is there', (path) => {
	const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
	const named = [
		...readFileSync(join(projectRoot, path), 'utf8').matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g),
	];
	expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
	expect(named.length).toBeGreaterThan(0);
});

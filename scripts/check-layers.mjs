// Checks the direction of imports: `npm run check:layers`. Every import counts, also one of types only, one made at run time
// and one within a type. Files that import each other in a circle are refused, within a layer too. Prints what is wrong and exits 1.
// With `--draw` it draws the layers into docs/architecture.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The layers, the lowest first. A file may import from its own layer and from those before it. A path ends in a slash where it is a
 * folder; the longest that fits a file says its layer. Paths that share a line share a layer but may not import each other.
 */
export const layers = [
	['src/runtime/platform/'],
	['src/runtime/debug/'],
	['src/runtime/wire/'],
	['src/runtime/telemetry/'],
	['src/runtime/identity/'],
	['src/runtime/carrier/'],
	['src/runtime/client/'],
	['src/runtime/events/', 'src/runtime/services/', 'src/runtime/grpc/'],
	['src/runtime/exec/'],
	['src/runtime/plugin/'],
	['src/runtime/storage/'],
	['src/runtime/launching/'],
	['src/runtime/sessions/'],
	['src/runtime/hosting/'],
	['src/runtime/orchestrator/'],
	['src/runtime/seams/'],
	[
		'src/runtime/index.ts',
		'src/runtime/client.ts',
		'src/runtime/host.ts',
		'src/runtime/seams.ts',
		'src/runtime/go-plugin.ts',
		'src/runtime/mcp.ts',
	],
	['src/toolchain/'],
	['src/testing/', 'src/mcp/', 'src/cluster/', 'src/conformance/'],
	['src/cli/'],
	['src/tui/'],
	['src/commands/'],
];

/** Packages that only some folders may import. The key is the package's name. */
export const packageHomes = {
	'@grpc/grpc-js': ['src/runtime/grpc/', 'src/runtime/launching/go-plugin/', 'src/runtime/plugin/go-plugin/'],
	'@matrixai/quic': ['src/runtime/carrier/quic/native/'],
	'@modelcontextprotocol/client': ['src/runtime/hosting/mcp/'],
	'@modelcontextprotocol/node': ['src/mcp/'],
	'@modelcontextprotocol/server': ['src/mcp/'],
	'@nats-io/jetstream': ['src/cluster/nats/', 'src/cluster/events/'],
	'@nats-io/kv': ['src/cluster/nats/'],
	'@nats-io/transport-node': ['src/cluster/nats/', 'src/cluster/events/'],
	'@opentelemetry/api': ['src/runtime/telemetry/'],
	'@oclif/core': ['src/cli/', 'src/commands/'],
	diff: ['src/toolchain/lines/'],
	ink: ['src/tui/'],
	'node-forge': ['src/runtime/identity/'],
	react: ['src/tui/'],
};

/** Every way to name a module: `from '…'`, `import '…'`, `import('…')`, also within a type. */
const specifiers = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"`])([^'"`\n]+)\1/g;

/** Source text without its comments, which may quote imports. Strings that hold `//` only lose their ends, which name no module. */
function withoutComments(text) {
	return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

function layerOf(path) {
	let best;
	for (const [rank, paths] of layers.entries()) {
		for (const prefix of paths) {
			if (path.startsWith(prefix) && prefix.length > (best?.prefix.length ?? 0)) best = { rank, prefix };
		}
	}
	return best;
}

function packageName(specifier) {
	return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The modules that a file imports, as it names them. */
function importsOf(text) {
	return [...withoutComments(text).matchAll(specifiers)].map(([, , specifier]) => specifier);
}

/** Path of a module that a file names by its place, relative to the root. */
function targetOf(path, specifier) {
	return join(dirname(path), specifier).split(sep).join('/');
}

/** What a file imports that it may not, a sentence each. @param path relative to the root, with slashes */
export function violationsOf(path, text) {
	const own = layerOf(path);
	if (!own) return [`${path} is in no layer: name its folder in scripts/check-layers.mjs`];
	const found = [];
	for (const specifier of importsOf(text)) {
		if (!specifier.startsWith('.')) {
			const homes = packageHomes[packageName(specifier)];
			if (homes && !homes.some((home) => path.startsWith(home))) {
				found.push(`${path} imports ${specifier}, which belongs to ${homes.join(', ')}`);
			}
			continue;
		}
		const target = targetOf(path, specifier);
		const other = layerOf(target);
		if (!other) continue;
		if (other.rank > own.rank)
			found.push(`${path} imports ${target}: ${other.prefix} is above ${own.prefix}`);
		else if (other.rank === own.rank && other.prefix !== own.prefix) {
			found.push(`${path} imports ${target}: ${other.prefix} and ${own.prefix} stand beside each other`);
		}
	}
	return found;
}

/**
 * Circles of files that import each other, a sentence each, which names a shortest way round. A file is named in one at most.
 *
 * @param sources texts by path
 */
export function circlesOf(sources) {
	const imports = new Map();
	for (const [path, text] of sources) {
		const targets = importsOf(text)
			.filter((specifier) => specifier.startsWith('.'))
			.map((specifier) => targetOf(path, specifier));
		imports.set(
			path,
			[...new Set(targets)].filter((target) => sources.has(target)),
		);
	}
	const named = new Set();
	const found = [];
	for (const path of sources.keys()) {
		if (named.has(path)) continue;
		const circle = wayRound(path, imports);
		if (!circle) continue;
		for (const file of circle) named.add(file);
		found.push(`files import each other in a circle: ${[...circle, path].join(' → ')}`);
	}
	return found;
}

/** A shortest way from a file over its imports back to it: the files of it, that one first. Undefined where there is none. */
function wayRound(start, imports) {
	const before = new Map();
	const waiting = [start];
	for (const path of waiting) {
		for (const target of imports.get(path)) {
			if (target === start) {
				const way = [path];
				while (way[0] !== start) way.unshift(before.get(way[0]));
				return way;
			}
			if (before.has(target)) continue;
			before.set(target, path);
			waiting.push(target);
		}
	}
	return undefined;
}

/** All violations below `root`/src. Circles are looked for where no import leads upwards: each that does makes many. */
export function checkLayers(root) {
	const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
	const sources = new Map(
		files.map((file) => [relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
	);
	const upwards = [...sources].flatMap(([path, text]) => violationsOf(path, text));
	return upwards.length > 0 ? upwards : circlesOf(sources);
}

/** The layers as a picture of text, the highest at the top: those of one line stand beside each other. */
export function drawLayers(root) {
	const lines = layers
		.map((paths) =>
			paths.filter((path) => existsSync(join(root, path))).map((path) => path.replace(/^src\/|\/$/g, '')),
		)
		.filter((names) => names.length > 0)
		.map((names) => names.join('   '))
		.toReversed();
	const width = Math.max(...lines.map(({ length }) => length)) + 2;
	const framed = lines.map((line) => {
		const before = Math.floor((width - line.length) / 2);
		return `│${' '.repeat(before)}${line}${' '.repeat(width - line.length - before)}│`;
	});
	const bar = '─'.repeat(width);
	return [`┌${bar}┐`, ...framed, `└${bar}┘`].join('\n');
}

const marks = {
	begin: '<!-- layers: npm run check:layers -- --draw -->\n```text\n',
	end: '\n```\n<!-- layers end -->',
};

/** docs/architecture.md with the picture of today. */
function withPicture(page, root) {
	const begin = page.indexOf(marks.begin);
	const end = page.indexOf(marks.end);
	if (begin < 0 || end < begin)
		throw new Error('docs/architecture.md has no place for the picture of the layers');
	return page.slice(0, begin + marks.begin.length) + drawLayers(root) + page.slice(end);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
	const draw = process.argv.includes('--draw');
	const [given] = process.argv.slice(2).filter((word) => word !== '--draw');
	const root = given ?? dirname(dirname(fileURLToPath(import.meta.url)));
	const violations = checkLayers(root);
	const pagePath = join(root, 'docs/architecture.md');
	// The tests look at a copy that has sources only.
	if (existsSync(pagePath)) {
		const page = readFileSync(pagePath, 'utf8');
		const drawn = withPicture(page, root);
		if (draw) writeFileSync(pagePath, drawn);
		else if (page !== drawn)
			violations.push('docs/architecture.md shows other layers: npm run check:layers -- --draw');
	}
	for (const violation of violations) console.error(violation);
	if (violations.length > 0) process.exit(1);
}

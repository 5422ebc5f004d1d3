// Builds dist/ from src/, then oclif.manifest.json from dist/. With `--if-stale`: only where a source is newer than the
// last build, since npm runs `prepare` whenever something links to this checkout. With `--code-only` types are not looked at, and the
// declarations and the manifest stay as they are.
//
// TypeScript writes the declarations, Rolldown the code: in few files, with the packages that every start needs inside, because
// finding and reading hundreds of small files is most of the time of a start. esbuild cannot be told what goes into one file: it
// made 89 of what `call` loads, where 15 do.
//
// The new dist/ is made aside and swapped in, so that a command that runs meanwhile never sees half of it.
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	cpSync,
	existsSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const manifest = join(root, 'oclif.manifest.json');

/** What is run or imported on its own; src/toolchain/installation.ts finds them, bin/orchestra.js and oclif the others. */
const entryModules = [
	'runtime/index',
	'runtime/client',
	'runtime/host',
	'runtime/seams',
	'runtime/storage/index',
	'runtime/go-plugin',
	'runtime/mcp',
	'testing/index',
	'cli/main',
	'cli/direct-call',
	'toolchain/load/keep-compiled-code',
	'cli/help',
	'cli/completion/answer',
	'toolchain/load/module-program',
	'toolchain/bundle/describe-program',
];

/** Started in a thread of its own, beside each embedded plugin. As CommonJS it is up with a fourth less work than as a module. */
const workerModule = 'runtime/hosting/containment/event-loop-watch-worker';

/** gRPC and protobuf: development dependencies that go inside, into a file that only what drives Go plugins loads. */
const grpcParts = /[\\/]node_modules[\\/](@grpc|@js-sdsl|protobufjs|long)[\\/]|^\0no-grpc-extra$/;

/** MCP's official SDK, too: into files that only those load who speak it, a server of it or a client. */
const mcpParts = {
	'mcp-core': /[\\/]node_modules[\\/](@modelcontextprotocol[\\/]core|zod)[\\/]/,
	'mcp-server': /[\\/]node_modules[\\/]@modelcontextprotocol[\\/]server[\\/]|^\0mcp-shims$/,
	'mcp-http': /[\\/]node_modules[\\/](@modelcontextprotocol[\\/]node|@?hono)[\\/]/,
	'mcp-client':
		/[\\/]node_modules[\\/](@modelcontextprotocol[\\/]client|eventsource|eventsource-parser|jose|pkce-challenge|cross-spawn|path-key|shebang-command|shebang-regex|which|isexe)[\\/]/,
};

/**
 * What MCP's SDK checks with a schema what a server asked its user for: another Ajv, half of the code of a server. Here the tool judges
 * that which asked.
 */
const mcpShims = {
	name: 'mcp-shims',
	resolveId: { filter: { id: /^@modelcontextprotocol\/server\/_shims$/ }, handler: () => '\0mcp-shims' },
	load: {
		filter: { id: /^\0mcp-shims$/ },
		handler: () =>
			"export { default as process } from 'node:process';\nexport const DefaultJsonSchemaValidator = undefined;\n",
	},
};

/** What a bundle is made of, beside the plugin. */
const bundledModules = ['runtime/index', 'runtime/client', 'runtime/host', 'runtime/seams'];

/** What a process of a plugin or a bundle is made of. */
const pluginModules = [
	...bundledModules,
	'toolchain/load/module-program',
	'toolchain/bundle/describe-program',
];

/** What a plugin loads that is served to the host which started it, beside what it imports itself. */
const lineModule = 'runtime/plugin/process/run-process';

/** What a `call` of a plugin in this process loads beside that, at once or soon. */
const startModules = [
	'cli/direct-call',
	'toolchain/targets/open-local',
	'toolchain/targets/target-source',
	'toolchain/load/load-plugin',
];

/** What other commands, and that one with other flags, begin with. */
const commandModules = ['cli/main', 'commands/call'];

/** What calls a tool at an address. It goes into a file of its own, with a second copy of all that it needs: no plugin ever shares it. */
const directModule = 'cli/direct-call';

/** What it loads at once or soon, where the address is of a server over TCP: one file. */
const directParts = [directModule, 'toolchain/targets/open-address', 'runtime/carrier/tcp/tcp-carrier'];

/** What such a call never comes to, since its target is an address: plugins in this process, and where they lie. */
const notDirect = {
	name: 'not-direct',
	resolveId: {
		filter: { id: /\/(open-local|local-target|contained-work)\.ts$/ },
		handler: () => '\0not-direct',
	},
	load: {
		filter: { id: /^\0not-direct$/ },
		handler: () =>
			['openLocal', 'resolveLocalTarget', 'ContainedWork']
				.map((name) => `export const ${name} = undefined;`)
				.join('\n'),
	},
};

/**
 * The packages that every command needs at its start, and `yaml`, which would be most of the time of reading a configuration. The
 * others stay outside, and are loaded where they are used.
 */
const inlinedPackages = ['@oclif/core', 'ansis', 'fastest-levenshtein', 'yaml'];

/** ink, and what it lays lines out with. Its own widest-line lies below it: the one that is found elsewhere is oclif's, which is older. */
const inkParts = /[\\/]node_modules[\\/](ink|cli-truncate|slice-ansi)[\\/]/;

/**
 * Parts of ink and React that are taken otherwise than they say. These packages are development dependencies and go inside as
 * a whole, into a file that only the terminal interface loads: installed they take 27 MB of a disk, of which one is used.
 */
const interfaceParts = {
	name: 'interface-parts',
	resolveId: {
		filter: { id: /^(react|react-reconciler|scheduler|signal-exit|string-width)($|\/)|^\.\/devtools\.js$/ },
		handler(id, importer, { kind }) {
			// Where a library believes that nobody else listens to a signal, it ends the process. We give the terminal back ourselves.
			// React's tools for developers nobody has installed here.
			if (id === 'signal-exit' || id === './devtools.js') return { id: `\0nothing:${id}` };
			// ink measures every line of every frame: by ours, which is faster. Ours asks the package where it has to.
			if (id === 'string-width') {
				// What requires it is oclif's part of the same name, of an older version: it expects a function, and ours is a module.
				const isInk = kind !== 'require-call' && inkParts.test(importer);
				return isInk ? { id: sourceOf('tui/text/text-columns') } : null;
			}
			// As for production, whatever NODE_ENV says in the shell of whoever runs it.
			const file = createRequire(importer).resolve(id);
			const part = basename(file, '.js');
			const name = part === 'index' ? id : `${id.split('/')[0]}-${part}`;
			return { id: join(dirname(file), 'cjs', `${name}.production.js`) };
		},
	},
	load: {
		filter: { id: /^\0nothing:/ },
		handler: () =>
			'const nothing = () => () => {};\nexport default nothing;\nexport const onExit = nothing;\n',
	},
};

/** What oclif finds commands with where there is no manifest: ours always has one, and this would be a tenth of what a start reads. */
const noDiscovery = {
	name: 'no-discovery',
	resolveId: { filter: { id: /^(tinyglobby|minimatch)$/ }, handler: () => '\0nothing:discovery' },
	load: {
		filter: { id: /^\0nothing:discovery$/ },
		handler: () => `
			const nothing = () => { throw new Error('oclif.manifest.json is missing: build the project'); };
			export { nothing as glob, nothing as minimatch };
		`,
	},
};

/** What gRPC reads .proto files with, for services that nobody here offers: it would bring another protobufjs. */
const grpcExtras = {
	name: 'grpc-extras',
	resolveId: { filter: { id: /^@grpc\/proto-loader$/ }, handler: () => '\0no-grpc-extra' },
	load: { filter: { id: /^\0no-grpc-extra$/ }, handler: () => 'export {};\n' },
};

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
	readFileSync(join(root, 'package.json'), 'utf8'),
);
// Of peers some are loaded by their names where a user has them: nothing of them goes inside.
const packagesOutside = new Set(
	Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
);
for (const name of inlinedPackages) packagesOutside.delete(name);

/** The source of a module, by its place under src/ without the extension. */
function sourceOf(name) {
	const path = join(root, 'src', name);
	return existsSync(`${path}.tsx`) ? `${path}.tsx` : `${path}.ts`;
}

function filesBelow(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}

function newestSource() {
	const paths = filesBelow(join(root, 'src'));
	const others = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
	paths.push(...others.map((name) => join(root, name)));
	return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

if (process.argv.includes('--if-stale') && existsSync(dist) && existsSync(manifest)) {
	// The manifest is written last: it stands for a build that was finished.
	if (statSync(manifest).mtimeMs > newestSource()) process.exit(0);
}

const codeOnly = process.argv.includes('--code-only') && existsSync(dist) && existsSync(manifest);
const fresh = join(root, `dist.${process.pid}`);
const old = join(root, `dist.${process.pid}.old`);

/** Writes the declarations. Their imports end in .ts as in the sources, which Deno does not find beside a .d.ts. */
function declare() {
	const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
	const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
	const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
	if (status !== 0) throw new Error('the types are wrong');
	for (const file of filesBelow(fresh)) {
		const text = readFileSync(file, 'utf8');
		writeFileSync(file, text.replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]*)\.tsx?(['"])/g, '$1.d.ts$2'));
	}
}

/**
 * Says which imports stay imports. What an inlined package imports goes inside with it, also where we depend on the same package:
 * read from its many files, `semver` alone would be 20 ms of each start.
 */
function isOutside(id, importer) {
	if (isBuiltin(id)) return true;
	if (/^[./]/.test(id)) return false;
	const name = id.split('/', id.startsWith('@') ? 2 : 1).join('/');
	return packagesOutside.has(name) && !importer?.includes('/node_modules/');
}

/**
 * Gives our sources the parts of oclif that they use by the paths of its own exports. Its index loads them all: spinners, templates
 * and what only its generator needs, a third of its modules.
 */
const oclifParts = {
	name: 'oclif-parts',
	resolveId: (id) => (id === '@oclif/core' ? '\0oclif-parts' : undefined),
	load(id) {
		if (id !== '\0oclif-parts') return undefined;
		return `
			export * as Args from '@oclif/core/args';
			export * as Errors from '@oclif/core/errors';
			export * as Flags from '@oclif/core/flags';
			export { Command } from '@oclif/core/command';
			export { Config } from '@oclif/core/config';
			export { Help } from '@oclif/core/help';
			export { run } from '@oclif/core/run';
		`;
	},
};

/** The modules that some need, by their ids: those that they import at once, or all that they ever may. */
function needsOf(modules, context, { later }) {
	const ids = new Set(modules.map(sourceOf));
	// A list that names a module of old would quietly put what it needs into another file.
	for (const id of ids) if (!context.getModuleInfo(id)) throw new Error(`there is no module ${id}`);
	for (const id of ids) {
		const { importedIds = [], dynamicallyImportedIds = [] } = context.getModuleInfo(id) ?? {};
		for (const needed of later ? [...importedIds, ...dynamicallyImportedIds] : importedIds) ids.add(needed);
	}
	return ids;
}

/** Whether a module of a package is only for the terminal interface. */
function isForInterface(id, context) {
	const seen = new Set([id]);
	for (const module of seen) {
		const { importers = [], dynamicImporters = [] } = context.getModuleInfo(module) ?? {};
		for (const importer of [...importers, ...dynamicImporters]) {
			if (!importer.startsWith(join(root, 'src/'))) seen.add(importer);
			else if (command.has(importer) || !importer.startsWith(join(root, 'src/tui/'))) return false;
		}
	}
	return true;
}

/** Files that hold packages only. */
const packageFiles = /^chunks\/(packages|mcp-core|mcp-server|mcp-http|mcp-client)-[\w-]{8}\.js$/;

let plugins;
let start;
let command;
let direct;

/**
 * The file that a module goes into, where it is not left to the bundler. What a plugin's process may ever load never lies in one file
 * with what only a command line needs: `orchestra build` would put all of it into the bundle of a plugin.
 */
function chunkOf(id, context) {
	plugins ??= {
		atOnce: needsOf(['runtime/index'], context, { later: false }),
		onLine: needsOf([lineModule], context, { later: false }),
		served: needsOf(['runtime/index'], context, { later: true }),
		hosted: needsOf(['runtime/client', 'runtime/host'], context, { later: false }),
		bundled: needsOf(bundledModules, context, { later: true }),
		ever: needsOf(pluginModules, context, { later: true }),
	};
	if (plugins.atOnce.has(id)) return 'runtime';
	if (plugins.onLine.has(id)) return 'line';
	start ??= needsOf(startModules, context, { later: false });
	const atStart = start.has(id);
	// In five files rather than in sixty: a plugin that its host started needs the line, one that listens `shared` and `serving` too, a
	// plugin that is embedded `shared` and `embedding`, and a host all.
	if (plugins.hosted.has(id)) {
		if (plugins.served.has(id)) return atStart ? 'shared' : 'serving';
		return atStart ? 'embedding' : 'hosting';
	}
	// Nor with what only loads plugins, which brings the compiler.
	if (plugins.bundled.has(id)) return null;
	if (plugins.ever.has(id)) return atStart ? 'loading' : null;
	if (grpcParts.test(id)) return 'grpc';
	for (const [name, parts] of Object.entries(mcpParts)) if (parts.test(id)) return name;
	if (atStart) return 'start';
	command ??= needsOf(commandModules, context, { later: false });
	// Left to the bundler: few commands read YAML, and only `init --update` compares texts.
	if (/[\\/]node_modules[\\/](?!(yaml|diff)[\\/])|^\0nothing:/.test(id)) {
		return isForInterface(id, context) ? 'interface' : 'packages';
	}
	return command.has(id) ? 'command' : null;
}

function directChunkOf(id, context) {
	direct ??= needsOf(directParts, context, { later: false });
	return direct.has(id) ? 'direct' : null;
}

async function compile() {
	/** @satisfies {import('rolldown').InputOptions} */
	const options = {
		cwd: root,
		platform: /** @type {const} */ ('node'),
		transform: { target: 'node20' },
		external: isOutside,
		logLevel: 'warn',
		// Modules that `call` needs soon are in one file with those that it needs at once.
		checks: { ineffectiveDynamicImport: false },
	};
	const commands = filesBelow(join(root, 'src/commands')).map((path) => relative(join(root, 'src'), path));
	const entries = [...entryModules, ...commands.map((path) => path.replace(/\.tsx?$/, ''))];
	const bundle = await rolldown({
		...options,
		input: Object.fromEntries(entries.map((name) => [name, sourceOf(name)])),
		preserveEntrySignatures: 'allow-extension',
		plugins: [oclifParts, noDiscovery, interfaceParts, grpcExtras, mcpShims],
	});
	/** @satisfies {import('rolldown').OutputOptions} */
	const modules = {
		format: /** @type {const} */ ('es'),
		keepNames: true,
		comments: { legal: true, annotation: false, jsdoc: false },
	};
	const { output } = await bundle.write({
		...modules,
		dir: fresh,
		chunkFileNames: 'chunks/[name]-[hash].js',
		codeSplitting: {
			groups: [{ name: chunkOf, debugName: 'chunkOf', includeDependenciesRecursively: false }],
		},
	});
	for (const { fileName } of output) if (packageFiles.test(fileName)) await shrink(join(fresh, fileName));
	const calls = await rolldown({
		...options,
		input: { call: sourceOf(directModule) },
		preserveEntrySignatures: 'allow-extension',
		plugins: [notDirect],
	});
	const files = await calls.write({
		...modules,
		dir: join(fresh, 'direct'),
		chunkFileNames: '[name]-[hash].js',
		codeSplitting: {
			groups: [{ name: directChunkOf, debugName: 'directChunkOf', includeDependenciesRecursively: false }],
		},
	});
	for (const { fileName } of files.output) await shrink(join(fresh, 'direct', fileName));
	const worker = await rolldown({ ...options, input: { [workerModule]: sourceOf(workerModule) } });
	await worker.write({ dir: fresh, format: 'cjs', entryFileNames: '[name].cjs' });
}

/**
 * Takes blanks, comments and long names of variables out of a file that holds nothing of ours: to compile such files is a quarter of a
 * start, and takes as long as they have bytes. The names of functions stay (`keepNames` above), and so do licences.
 *
 * @param {string} file
 */
async function shrink(file) {
	const { code } = await transform(readFileSync(file, 'utf8'), {
		minifyWhitespace: true,
		minifyIdentifiers: true,
		legalComments: 'inline',
		charset: 'utf8',
		format: 'esm',
		target: 'node20',
	});
	writeFileSync(file, code);
}

/** Takes the declarations of the last build. */
function keepDeclarations() {
	const isKept = (path) => statSync(path).isDirectory() || path.endsWith('.d.ts');
	cpSync(dist, fresh, { recursive: true, filter: isKept });
}

try {
	if (codeOnly) keepDeclarations();
	else declare();
	await compile();
	// For editors and programs: `orchestra schema config` prints it too.
	copyFileSync(
		join(root, 'src/toolchain/configuration/orchestra.schema.json'),
		join(fresh, 'orchestra.schema.json'),
	);
	if (existsSync(dist)) renameSync(dist, old);
	renameSync(fresh, dist);
} finally {
	rmSync(fresh, { recursive: true, force: true });
	rmSync(old, { recursive: true, force: true });
}

if (codeOnly) process.exit();

// With the manifest the executable knows every command without importing it.
const { Plugin } = await import('@oclif/core');
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
writeFileSync(manifest, `${JSON.stringify(plugin.manifest)}\n`);

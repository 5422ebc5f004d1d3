// Builds dist/ from src/, then oclif.manifest.json from dist/. With `--if-stale`: only where a source is newer than the
// last build, since npm runs `prepare` whenever something links to this checkout.
//
// TypeScript writes the declarations, esbuild the code: in few files, with the packages that every start needs inside, because
// finding and reading hundreds of small files is most of the time of a start.
//
// The new dist/ is made aside and swapped in, so that a command that runs meanwhile never sees half of it.
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const manifest = join(root, 'oclif.manifest.json');

/** What is run or imported on its own; src/toolchain/installation.ts finds them, bin/orchestra.js and oclif the others. */
const entryModules = [
	'runtime/index',
	'runtime/host',
	'runtime/hosting/containment/event-loop-watch-worker',
	'cli/main',
	'cli/help',
	'toolchain/load/plugin-process',
	'toolchain/bundle/describe-program',
];

/**
 * The packages that every command needs at its start, and `yaml`, which would be most of the time of reading a configuration. The
 * others stay outside, and are loaded where they are used.
 */
const inlinedPackages = ['@oclif/core', 'ansis', 'fastest-levenshtein', 'yaml'];

/**
 * What only the terminal interface needs: joined too, in chunks of its own, since it is hundreds of files. React and its reconciler
 * are taken as they are for production, whatever NODE_ENV says in the shell of whoever runs it.
 */
const interfacePackages = ['ink', 'react', 'string-width'];

/** @type {import('esbuild').Plugin} */
const interfaceParts = {
	name: 'interface-parts',
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /^(react|react-reconciler|scheduler)($|\/)/ }, ({ path, importer }) => {
			const file = createRequire(importer).resolve(path);
			const name =
				basename(file, '.js') === 'index'
					? path.split('/')[0]
					: `${path.replace('/', '-').replace(/\.js$/, '')}`;
			return { path: join(dirname(file), 'cjs', `${name}.production.js`) };
		});
		// The developers' tools of React, which nobody has installed here.
		onResolve({ filter: /^\.\/devtools\.js$/ }, () => ({ path: 'devtools', namespace: 'nothing' }));
		// It would end the process at a signal when it believes that nobody else listens. We give the terminal back ourselves.
		onResolve({ filter: /^signal-exit$/ }, () => ({ path: 'signal-exit', namespace: 'nothing' }));
		onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
			contents: 'const nothing = () => () => {}; export default nothing; export const onExit = nothing;',
		}));
	},
};

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

async function compile() {
	const { build } = await import('esbuild');
	const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const packages = Object.keys({ ...dependencies, ...optionalDependencies });
	const commands = filesBelow(join(root, 'src/commands')).map((path) => relative(join(root, 'src'), path));
	await build({
		absWorkingDir: root,
		entryPoints: [...entryModules.map((name) => `src/${name}.ts`), ...commands.map((name) => `src/${name}`)],
		outdir: fresh,
		outbase: 'src',
		bundle: true,
		splitting: true,
		chunkNames: 'chunks/[name]-[hash]',
		format: 'esm',
		platform: 'node',
		target: 'node20',
		external: packages.filter((name) => ![...inlinedPackages, ...interfacePackages].includes(name)),
		plugins: [interfaceParts],
		keepNames: true,
		logLevel: 'warning',
		// CommonJS packages ask for require. The name is one that a bundle made of these files has not got.
		banner: {
			js: "import { createRequire as __distRequire } from 'node:module';const require = __distRequire(import.meta.url);",
		},
	});
}

try {
	declare();
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

// With the manifest the executable knows every command without importing it.
const { Plugin } = await import('@oclif/core');
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
writeFileSync(manifest, `${JSON.stringify(plugin.manifest)}\n`);

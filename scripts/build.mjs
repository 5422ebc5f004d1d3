// Builds dist/ from src/, then oclif.manifest.json from dist/. With `--if-stale`: only where a source is newer than the
// last build, since npm runs `prepare` whenever something links to this checkout.
//
// The new dist/ is made aside and swapped in, so that a command that runs meanwhile never sees half of it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const manifest = join(root, 'oclif.manifest.json');

function newestSource() {
	const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
	const paths = files.map((entry) => join(entry.parentPath, entry.name));
	paths.push(...['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name)));
	return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

if (process.argv.includes('--if-stale') && existsSync(dist) && existsSync(manifest)) {
	// The manifest is written last: it stands for a build that was finished.
	if (statSync(manifest).mtimeMs > newestSource()) process.exit(0);
}

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const fresh = join(root, `dist.${process.pid}`);
const old = join(root, `dist.${process.pid}.old`);
const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
const compiled = spawnSync(process.execPath, args, { stdio: 'inherit' });
if (compiled.status !== 0) {
	rmSync(fresh, { recursive: true, force: true });
	process.exit(compiled.status ?? 1);
}
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
rmSync(old, { recursive: true, force: true });

// With the manifest the executable knows every command without importing it.
const { Plugin } = await import('@oclif/core');
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
writeFileSync(manifest, `${JSON.stringify(plugin.manifest)}\n`);

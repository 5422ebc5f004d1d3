// `npm run simulate`: a cluster of 1,000 nodes in virtual time (test/cluster/simulation/). Prints its figures as Markdown;
// `--write` puts them into docs/scale.md. `--small`: a tenth of it; `--seed N`: another run; `--only 1,2`: some of its parts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = join(root, 'docs/scale.md');
const [begin, end] = ['<!-- simulate:begin -->', '<!-- simulate:end -->'];

/** Between its markers. */
function rewritten(text, report) {
	const [from, to] = [text.indexOf(begin), text.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`${page} has no ${begin} and ${end}`);
	return `${text.slice(0, from)}${begin}\n\n${report.trim()}\n\n${text.slice(to)}`;
}

const folder = mkdtempSync(join(root, 'node_modules/.simulate-'));
try {
	const outfile = join(folder, 'main.mjs');
	await build({
		entryPoints: [join(root, 'test/cluster/simulation/main.ts')],
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		packages: 'external',
		sourcemap: 'inline',
		logLevel: 'warning',
	});
	const words = process.argv.slice(2).filter((word) => word !== '--write');
	const ran = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...words], {
		stdio: ['ignore', 'pipe', 'inherit'],
		encoding: 'utf8',
	});
	process.stdout.write(ran.stdout);
	process.exitCode = ran.status ?? 1;
	if (ran.status === 0 && process.argv.includes('--write')) {
		writeFileSync(page, rewritten(readFileSync(page, 'utf8'), ran.stdout));
	}
} finally {
	rmSync(folder, { recursive: true, force: true });
}

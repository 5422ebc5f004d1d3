#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

if (argv[0] === '--version' || argv[0] === '-v') {
	// Answered here: loading the command framework takes longer than all the rest of a start.
	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const runtime = globalThis.Deno ? `deno ${globalThis.Deno.version.deno}` : `node ${process.versions.node}`;
	process.stdout.write(`orchestra ${version} (${runtime}, ${process.platform} ${process.arch})\n`);
} else {
	const { main } = await import('../dist/cli/main.js');
	await main(argv, root);
}

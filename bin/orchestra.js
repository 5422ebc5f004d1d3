#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

/**
 * Gives an answer where the system has none, as in a container whose user is on no list: the command framework asks for the home
 * and the shell while it loads, and would end there.
 */
function answerFor(name, answer) {
	const ask = os[name];
	os[name] = (...args) => {
		try {
			return ask(...args);
		} catch {
			return answer;
		}
	};
}

if (argv[0] === '--version' || argv[0] === '-v') {
	// Answered here: loading the command framework takes longer than all the rest of a start.
	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const runtime = globalThis.Deno ? `deno ${globalThis.Deno.version.deno}` : `node ${process.versions.node}`;
	process.stdout.write(`orchestra ${version} (${runtime}, ${process.platform} ${process.arch})\n`);
} else if (argv[0] === 'complete' && argv.length > 1) {
	// What a shell asks while somebody types: the framework is not loaded, and nothing is written.
	const { answer } = await import('../dist/cli/completion/answer.js');
	await answer(argv.slice(1), root);
} else {
	answerFor('homedir', '/');
	answerFor('userInfo', { username: '', uid: -1, gid: -1, shell: null, homedir: '/' });
	const main = await loadMain();
	await main(argv, root);
}

async function loadMain() {
	try {
		// Node 22 has it: what the engine compiled is kept, and a start with it takes a fifth less.
		/** @type {unknown} */
		const module = !globalThis.Deno && process.getBuiltinModule?.('node:module');
		const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => unknown }} */ (
			module || {}
		);
		if (enableCompileCache) {
			const { keepCompiledCode } = await import('../dist/toolchain/load/keep-compiled-code.js');
			keepCompiledCode(enableCompileCache);
		}
		return (await import('../dist/cli/main.js')).main;
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error;
		// Nothing of ours is loaded that could say it.
		process.stderr.write(
			'error this process may not open any more files (EMFILE)\n→ Raise the limit: ulimit -n 4096\n',
		);
		process.exit(4);
	}
}

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
	await start();
}

async function start() {
	try {
		await keepCompiledCode();
		const direct = directCall();
		if (direct) await (await import(direct)).callDirectly(argv);
		const { main } = await import('../dist/cli/main.js');
		await main(argv, root);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error;
		// Nothing of ours is loaded that could say it.
		process.stderr.write(
			'error this process may not open any more files (EMFILE)\n→ Raise the limit: ulimit -n 4096\n',
		);
		process.exit(4);
	}
}

/**
 * The file that makes a call without the command framework, which it leaves all but plain words to. What calls an address loads nothing of
 * a plugin, and lies in a file of its own.
 */
function directCall() {
	const [command, target = '', tool] = argv;
	if (command !== 'call' || tool === undefined) return undefined;
	return /^(quic|tcp|tcp\+plain):\/\//i.test(target)
		? '../dist/direct/call.js'
		: '../dist/cli/direct-call.js';
}

/** Keeps what the engine compiled, where it can: Node 22 has it, and a start with it takes a fifth less. */
async function keepCompiledCode() {
	/** @type {unknown} */
	const module = !globalThis.Deno && process.getBuiltinModule?.('node:module');
	const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => unknown }} */ (
		module || {}
	);
	if (!enableCompileCache) return;
	const kept = await import('../dist/toolchain/load/keep-compiled-code.js');
	kept.keepCompiledCode(enableCompileCache);
}

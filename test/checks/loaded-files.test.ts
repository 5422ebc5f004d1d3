import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtinsOf, dist, loadedFiles } from '../support/loaded-files.ts';

const hasGrpc = (file: string) => /^chunks\/grpc-/.test(file);

test('gRPC is in one file', () => {
	expect(readdirSync(join(dist, 'chunks')).filter((file) => file.startsWith('grpc-'))).toHaveLength(1);
	expect(loadedFiles(['runtime/go-plugin.js'], { later: false }).filter(hasGrpc)).toHaveLength(1);
});

test.each([
	'runtime/index.js',
	'runtime/host.js',
	'toolchain/load/module-program.js',
	'toolchain/bundle/describe-program.js',
])('%s, which processes of plugins load, never loads it', (entry) => {
	expect(loadedFiles([entry], { later: true }).filter(hasGrpc)).toEqual([]);
});

test.each(['runtime/index.js', 'runtime/client.js', 'runtime/host.js', 'runtime/seams.js'])(
	'%s, which bundles hold, never loads the toolchain',
	(entry) => {
		const toolchain = /^chunks\/(loading|start|command|packages)-[\w-]{8}\.js$/;
		expect(loadedFiles([entry], { later: true }).filter((file) => toolchain.test(file))).toEqual([]);
	},
);

test.each(['cli/main.js', 'commands/call.js', 'commands/serve.js'])(
	'%s does not load it at once',
	(entry) => {
		expect(loadedFiles([entry], { later: false }).filter(hasGrpc)).toEqual([]);
	},
);

/** The start of a plugin is what its host waits for: each file and each module of Node is time. */
test('a plugin on descriptors loads two files, and nothing of certificates, TLS, processes or terminals', () => {
	const modules = ['run-plugin', 'run-process'];
	const entries = modules.map((module) => chunkOf(module));
	const loaded = loadedFiles(['runtime/index.js', ...entries], { later: false });
	// A line each, and the bundler's own helpers, but for two.
	expect(loaded.map((file) => file.replace(/-[\w-]{8}\.js$/, '')).sort()).toEqual([
		'chunks/line',
		'chunks/rolldown-runtime',
		...modules.map((module) => `chunks/${module}`),
		'chunks/runtime',
		'runtime/index.js',
	]);
	expect(builtinsOf(loaded)).toEqual([
		'node:buffer',
		'node:fs',
		'node:module',
		'node:net',
		'node:path',
		'node:string_decoder',
		'node:timers',
		'node:url',
		'node:util',
		'node:v8',
	]);
});

test('a call of an address loads one file, and nothing of listening or of plugins in this process', () => {
	const loaded = loadedFiles(['direct/call.js'], { later: false });
	expect(loaded.map((file) => file.replace(/-[\w-]{8}\.js$/, '')).sort()).toEqual([
		'direct/call.js',
		'direct/rolldown-runtime',
	]);
	const builtins = builtinsOf(loaded);
	expect(builtins).toContain('node:tls');
	for (const unused of ['node:v8', 'node:util', 'node:worker_threads', 'node:child_process']) {
		expect(builtins).not.toContain(unused);
	}
});

/** The file of a module that is loaded later, in dist/chunks. */
function chunkOf(module: string): string {
	const found = readdirSync(join(dist, 'chunks')).filter((file) =>
		new RegExp(`^${module}-[\\w-]{8}\\.js$`).test(file),
	);
	expect(found, module).toHaveLength(1);
	return `chunks/${found[0]}`;
}

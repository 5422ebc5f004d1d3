import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';

const dist = join(projectRoot, 'dist');

/** The files that a file of dist/ loads: at once, or also those that it may load later. */
function loaded(entry: string, { later }: { later: boolean }): string[] {
	const files = new Set([join(dist, entry)]);
	for (const file of files) {
		const text = readFileSync(file, 'utf8');
		const atOnce = /(?:^|;)(?:import|export)\b[^;'"`]*["'`](\.[^"'`]+)["'`]/gm;
		const imports = [
			...text.matchAll(atOnce),
			...(later ? text.matchAll(/\bimport\(["'`](\.[^"'`]+)["'`]\)/g) : []),
		];
		for (const [, path = ''] of imports) files.add(resolve(dirname(file), path));
	}
	return [...files].map((file) => relative(dist, file));
}

const hasGrpc = (file: string) => /^chunks\/grpc-/.test(file);

test('gRPC is in one file', () => {
	expect(readdirSync(join(dist, 'chunks')).filter((file) => file.startsWith('grpc-'))).toHaveLength(1);
	expect(loaded('runtime/go-plugin.js', { later: false }).filter(hasGrpc)).toHaveLength(1);
});

test.each([
	'runtime/index.js',
	'runtime/host.js',
	'toolchain/load/module-program.js',
	'toolchain/bundle/describe-program.js',
])('%s, which processes of plugins load, never loads it', (entry) => {
	expect(loaded(entry, { later: true }).filter(hasGrpc)).toEqual([]);
});

test.each(['cli/main.js', 'commands/call.js', 'commands/serve.js'])(
	'%s does not load it at once',
	(entry) => {
		expect(loaded(entry, { later: false }).filter(hasGrpc)).toEqual([]);
	},
);

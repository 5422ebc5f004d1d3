import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { bundleForNode, startChild } from './fixtures/start-child.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const fixture = fileURLToPath(new URL('./fixtures/race-child.ts', import.meta.url));
let bundle: Awaited<ReturnType<typeof bundleForNode>>;

beforeAll(async () => {
	bundle = await bundleForNode(fixture);
});
afterAll(() => bundle.remove());

// Two processes share each name, and one of the pairs is on Deno: races for the authority and for a leaf at once.
const names = ['a', 'a', 'b', 'b', 'c', 'c'];

test.each([1, 2, 3])('processes that start together on an empty directory agree (round %i)', async () => {
	const dir = await temporaryDir();
	const children = [
		...names.map((name) => startChild(...runtimeCommand('node', bundle.file, dir, name))),
		...['a', 'd'].map((name) => startChild(...runtimeCommand('deno', fixture, dir, name))),
	];
	try {
		for (const child of children) expect(await child.nextLine()).toBe('ready');
		for (const child of children) child.process.stdin?.write('go\n');
		const identities = await Promise.all(
			children.map(async (child): Promise<Identity> => JSON.parse(await child.nextLine())),
		);
		expect(new Set(identities.map((identity) => identity.caPem)).size).toBe(1);
		for (const identity of identities) expect(await loadIdentity(dir, identity.name)).toEqual(identity);
		expect((await readdir(dir)).sort()).toEqual(
			['a', 'b', 'c', 'ca', 'd'].flatMap((name) => [`${name}.crt`, `${name}.key`]).sort(),
		);
	} finally {
		for (const child of children) child.process.kill();
	}
});

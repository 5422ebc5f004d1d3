import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import type { SourceContext } from '../../../src/toolchain/serve/plugin-to-serve.ts';
import { servedTargets } from '../../../src/toolchain/serve/served-targets.ts';
import { startServing } from '../../../src/toolchain/serve/start-serving.ts';
import { runAfterEach } from '../../support/run-after-each.ts';
import { scratchFolder } from '../configuration/read-text.ts';
import { writeExecutable, writeModule } from './plugin-files.ts';

const scratch = scratchFolder();
beforeAll(() => {
	process.env.ORCHESTRA_CACHE_DIR = join(scratch, 'cache');
});
afterAll(() => {
	delete process.env.ORCHESTRA_CACHE_DIR;
});

const afterwards = runAfterEach();

/** Two plugins, `one` in a.ts and `two` in b.ts of a folder named `two`, with a tool that both have. */
async function serve(files: readonly string[], prefer: readonly string[]) {
	const folder = join(mkdtempSync(join(scratch, 'set-')), 'two');
	writeModule(folder, 'a.ts', { id: 'one', tools: ['same'] });
	writeModule(folder, 'b.ts', { id: 'two', tools: ['same'] });
	const failed: Record<string, string> = {};
	const set = servedTargets(
		files.map((file) => join(folder, file)),
		{ prefer },
	);
	const orchestrator = await startServing(set, {
		addresses: [],
		onLog: () => {},
		onOutput: () => {},
		onFailure: (slot, error) => {
			failed[slot.id] = error.message;
		},
	});
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop({ graceMs: 0 });
	});
	return { answer: await client.callTool('same'), failed };
}

test.each([
	[['a.ts', 'b.ts'], 'one'],
	[['a.ts', 'b.ts'], 'two'],
	[['b.ts', 'a.ts'], 'one'],
	[['b.ts', 'a.ts'], 'two'],
])('of two files in one folder, %j, the plugin that is preferred answers: %s', async (files, id) => {
	expect(await serve(files, [id])).toEqual({ answer: { text: id }, failed: {} });
});

test('without it the second is refused, by its own name', async () => {
	const { answer, failed } = await serve(['b.ts', 'a.ts'], []);
	expect(answer).toEqual({ text: 'two' });
	expect(failed).toEqual({ one: 'two and one both provide the tool same' });
});

test('a server that stays up all the same says why its only plugin did not start', async () => {
	writeFileSync(join(scratch, 'broken.ts'), "throw new Error('it is broken');\n");
	const told: string[] = [];
	const orchestrator = await startServing(servedTargets([join(scratch, 'broken.ts')], {}), {
		addresses: [],
		staysUp: true,
		onLog: () => {},
		onOutput: () => {},
		onFailure: (_slot, { code }) => told.push(code),
	});
	await orchestrator.stop({ graceMs: 0 });
	expect(told).toEqual(['plugin_load_failed']);
});

test('with strict an executable that runs is shut down where another target cannot be started', async () => {
	const folder = mkdtempSync(join(scratch, 'set-'));
	const ended = join(folder, 'ended');
	// A module by its name would be one that is loaded.
	writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
	writeExecutable(folder, 'first', {
		id: 'first',
		more: `.lifecycle({ async onShutdown() { (await import('node:fs')).writeFileSync(${JSON.stringify(ended)}, String(process.pid)); } })`,
	});
	writeFileSync(join(folder, 'broken.ts'), "throw new Error('it is broken');\n");
	const targets = servedTargets([join(folder, 'first'), join(folder, 'broken.ts')], {});
	const set = {
		...targets,
		// The second is loaded once the first runs.
		plugins: async (context: SourceContext) => {
			const [first, second] = await targets.plugins(context);
			if (!first || !second) expect.fail('there are two');
			return [
				{ ...first, id: 'first' },
				{ ...second, dependsOn: ['first'] },
			];
		},
	};
	const serving = startServing(set, {
		addresses: [],
		certsDir: join(folder, 'certs'),
		strict: true,
		onLog: () => {},
		onOutput: () => {},
		onFailure: () => {},
	});
	await expect(serving).rejects.toMatchObject({ code: 'plugin_load_failed' });
	const pid = Number(readFileSync(ended, 'utf8'));
	expect(() => process.kill(pid, 0)).toThrow();
});

import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import greeter from '../../examples/greeter/plugin.ts';
import notes from '../../examples/notes/plugin.ts';
import releaseNotes from '../../examples/release-notes/plugin.ts';
import shell from '../../examples/shell/plugin.ts';
import tail from '../../examples/tail/plugin.ts';
import terminal from '../../examples/terminal/plugin.ts';
import thermometer from '../../examples/thermometer/plugin.ts';
import { translateList } from '../../examples/translator/host.ts';
import translator from '../../examples/translator/plugin.ts';
import { translator as translatorSeam } from '../../examples/translator/translator.ts';
import weather from '../../examples/weather/plugin.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { embedded } from '../../src/runtime/hosting/embedded-source.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { loadSeam } from '../../src/runtime/seams/load-seam.ts';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { collect } from './support/serve.ts';

// Sessions of greeter and shell are tested in test/sessions and test/commands/session.test.ts, the terminals of terminal in test/commands/exec.test.ts.
const plugins = {
	greeter,
	notes,
	'release-notes': releaseNotes,
	shell,
	tail,
	terminal,
	thermometer,
	translator,
	weather,
};
const scratch = scratchFolder('examples');
let orchestrator: Orchestrator;
let client: PluginClient;

beforeEach(() => {
	orchestrator = new Orchestrator();
	client = createClient(orchestrator.connect('test'));
});
afterEach(() => orchestrator.stop());

test('every example is tested here, and all of them can be served together', async () => {
	const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
	expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(plugins));
	for (const [folder, plugin] of Object.entries(plugins)) {
		const manifest = JSON.parse(readFileSync(`examples/${folder}/package.json`, 'utf8')) as Record<
			string,
			unknown
		>;
		expect(manifest).toMatchObject({ type: 'module', main: 'plugin.ts' });
		await plugin.check();
		await orchestrator.embed(plugin);
	}
	expect((await client.listTools()).map(({ name }) => name).sort()).toEqual([
		'add_line',
		'bash',
		'forecast',
		'list_alarms',
		'release_notes_prompt',
		'report_temperature',
		'tail',
	]);
});

test('weather', async () => {
	await orchestrator.embed(weather);
	const first = await client.callTool('forecast', { city: 'Oslo' });
	expect(first).toMatchObject({ city: 'Oslo', note: 'This weather is made up.' });
	expect(first.forecast).toHaveLength(3);
	expect(await client.callTool('forecast', { city: 'Oslo', days: 3 })).toEqual(first);
	await expect(client.callTool('forecast', { city: 'Atlantis' })).rejects.toMatchObject({
		code: 'city_unknown',
	});
	await expect(client.callTool('forecast', { city: 'Oslo', days: 99 })).rejects.toMatchObject({
		code: 'invalid_arguments',
	});
});

describe('tail', () => {
	test('reads the end of a file', async () => {
		await orchestrator.embed(tail);
		const file = join(scratch, 'end.log');
		writeFileSync(file, `${'x'.repeat(200_000)}the end`);
		const chunks = await collect(client.streamTool('tail', { file, bytes: 7 }));
		expect(Buffer.concat(chunks.map(({ data }) => data)).toString()).toBe('the end');
		const all = await collect(client.streamTool('tail', { file, bytes: 1_000_000 }));
		expect(all.reduce((sum, { data }) => sum + data.length, 0)).toBe(200_007);
		await expect(collect(client.streamTool('tail', { file: join(scratch, 'none') }))).rejects.toMatchObject({
			code: 'file_unreadable',
		});
	});

	test('follows it until the reader leaves', async () => {
		await orchestrator.embed(tail);
		const file = join(scratch, 'follow.log');
		writeFileSync(file, 'one\n');
		const stream = client.streamTool('tail', { file, follow: true, intervalMs: 10 });
		const text = async () => Buffer.from((await stream.next()).value?.data ?? []).toString();
		expect(await text()).toBe('one\n');
		appendFileSync(file, 'two\n');
		expect(await text()).toBe('two\n');
		await stream.return?.();
	});
});

test('notes', async () => {
	const file = join(scratch, 'notes.json');
	const options = { storageType: 'notes' };
	await orchestrator.embed(notes, { file });
	expect(await client.callTool('add_line', { path: '../list.md', text: 'milk' })).toEqual({
		path: '../list.md',
		version: 1,
	});
	const writes = await Promise.allSettled(
		['a', 'b'].map((text) => client.storage.write('../list.md', text, { ...options, expectedVersion: 1 })),
	);
	expect(writes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
	expect(await client.storage.list({ ...options, pattern: '*.md' })).toMatchObject([
		{ path: '../list.md', size: 1, version: 2 },
	]);
	await orchestrator.stop();

	// Another host finds them again.
	orchestrator = new Orchestrator();
	client = createClient(orchestrator.connect('test'));
	await orchestrator.embed(notes, { file });
	const note = await client.storage.read('../list.md', options);
	expect([Buffer.from(note.content).toString(), note.version]).toEqual(['a', 2]);
	await client.storage.delete('../list.md', options);
	await expect(client.storage.read('../list.md', options)).rejects.toMatchObject({
		code: 'storage_not_found',
	});
	expect(readdirSync(scratch)).not.toContain('list.md');
});

test('release-notes', async () => {
	await orchestrator.embed(releaseNotes);
	const prompt = await client.getPrompt('release_notes', { version: '1.2.0', changes: 'faster' });
	const text = 'Write the release notes of version 1.2.0 for users. What changed:\nfaster';
	expect(prompt.messages[0]?.content.text).toBe(text);
	expect(await client.callTool('release_notes_prompt', { version: '1.2.0', changes: 'faster' })).toEqual({
		text,
	});
	await expect(client.callTool('release_notes_prompt', { version: 'x', changes: '' })).rejects.toMatchObject({
		code: 'invalid_arguments',
		details: { faults: [{ pointer: '/version' }, { pointer: '/changes' }] },
	});
});

test('thermometer', async () => {
	await orchestrator.embed(thermometer);
	expect(await client.callTool('report_temperature', { place: 'hall', celsius: 20 })).toEqual({
		level: 'normal',
	});
	expect(await client.callTool('report_temperature', { place: 'oven', celsius: 90 })).toEqual({
		level: 'hot',
	});
	await expect.poll(() => client.callTool('list_alarms')).toEqual({ data: [{ place: 'oven', celsius: 90 }] });
});

test('translator', async () => {
	expect(await translateList(['bread', 'cheese'], 'no')).toEqual(['brød', '(cheese)']);
	await using seam = await loadSeam(translatorSeam, embedded(translator));
	async function* words() {
		for (const word of ['milk', 'water']) yield { word, language: 'de' as const };
	}
	expect(await collect(seam.client.translateAll(words()))).toEqual([{ word: 'Milch' }, { word: 'Wasser' }]);

	const { stdout } = await runCli(['inspect', 'examples/translator', '--json']);
	expect(JSON.parse(stdout).seams).toEqual([{ name: 'translator', versions: [1] }]);
});

import { mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/runtime/carrier/address.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { openDirectoryIdentity } from '../../src/runtime/identity/sources/open-identity.ts';
import { quicWorks } from '../launching/quic-works.ts';
import { DebuggerClient } from '../support/debugger-client.ts';
import { denoExecutable } from '../support/deno.ts';
import { patienceMs } from '../support/patience.ts';
import { type CliOptions, projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('dev-test');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};
let count = 0;

const source = (id = 'dev.sample', extra = '') => `import { createPlugin } from 'orchestra-toolchain';
import { word } from './word.ts';
${extra}
export default createPlugin('${id}')
	.registerTool('say', { description: 'Says the word.' }, () => word)
	.registerTool('wait', { description: 'Says it later.' }, async () => {
		await new Promise((resolve) => setTimeout(resolve, 3000));
		return word;
	})
	.build();
`;

/** A plugin in a folder of its own, and `dev` over it. */
class Work implements AsyncDisposable {
	readonly folder = join(scratch, `plugin-${++count}`);
	cli!: RunningCli;
	addresses: string[] = [];
	#seen = 0;

	static async open(words: string[] = [], options: CliOptions = {}, prepare = (_folder: string) => {}) {
		const work = new Work();
		const { mkdirSync } = await import('node:fs');
		mkdirSync(work.folder);
		work.save('plugin.ts', source());
		work.word('one');
		prepare(work.folder);
		work.cli = new RunningCli(['dev', work.folder, '--json', ...words], { env, ...options });
		const ready = await work.cli.until(/^.*"event":"ready".*$/m);
		work.addresses = JSON.parse(ready[0]).addresses;
		return work;
	}

	save(name: string, text: string): void {
		// As editors do that never leave half a file: whoever reads one in the middle of a write sees another change.
		writeFileSync(join(this.folder, `.${name}`), text);
		renameSync(join(this.folder, `.${name}`), join(this.folder, name));
	}

	word(word: string): void {
		this.save('word.ts', `export const word = ${JSON.stringify(word)};\n`);
	}

	/** The next event of a kind, behind those that were asked for before. */
	async next<T = Record<string, unknown>>(kind: string): Promise<T> {
		const lines = () => this.cli.stdout.split('\n').slice(0, -1);
		const come = () =>
			lines()
				.slice(this.#seen)
				.some((line) => JSON.parse(line).event === kind);
		await expect
			.poll(come, { interval: 10 })
			.toBe(true)
			.catch(() => expect.fail(`no ${kind} after ${this.cli.stdout}${this.cli.stderr}`));
		const all = lines();
		const at = all.findIndex((line, index) => index >= this.#seen && JSON.parse(line).event === kind);
		this.#seen = at + 1;
		return JSON.parse(all[at] ?? '');
	}

	async client(carrier: string): Promise<PluginClient> {
		const address = this.addresses.find((text) => text.startsWith(`${carrier}:`)) ?? '';
		const identity = await openDirectoryIdentity(env.ORCHESTRA_CERTS_DIR ?? '', 'tester');
		return createClient(await dial(parseAddress(address), { identity }));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.cli) return;
		this.cli.child.kill('SIGINT');
		const timer = setTimeout(() => this.cli.child.kill('SIGKILL'), patienceMs);
		await this.cli.exited;
		clearTimeout(timer);
	}
}

const hasQuic = await quicWorks();
const carriers = hasQuic ? ['tcp', 'quic'] : ['tcp'];
const anywhere = carriers.flatMap((carrier) => ['--listen', `${carrier}://127.0.0.1:0`]);
const runtimes = (['node', 'deno'] as const).filter((name) => name === 'node' || denoExecutable());

describe.each(runtimes)('on %s', (runtime) => {
	// Over QUIC once is enough: it takes long.
	const overQuic =
		hasQuic && runtime === 'node' ? [['with --spawn over quic', ['--spawn', '--carrier', 'quic']]] : [];
	const ways: [string, string[]][] = [
		['in its process', []],
		['with --spawn', ['--spawn']],
		...(overQuic as [string, string[]][]),
	];
	test.each(ways)(
		'calls at rate see every version and no failure: %s',
		async (_name, words) => {
			await using work = await Work.open([...anywhere, ...words], { runtime });
			await work.next('running');
			const clients = await Promise.all(carriers.map((carrier) => work.client(carrier)));
			let over = false;
			const heard = clients.map(() => new Set<unknown>());
			const failures: unknown[] = [];
			const callers = clients.map(async (client, index) => {
				while (!over) {
					await client.callTool('say', {}).then(
						({ text }) => heard[index]?.add(text),
						(error) => failures.push(error),
					);
					await new Promise((resolve) => setTimeout(resolve, 2));
				}
			});
			// A call that is still on its way when the next version runs would never hear the first.
			await expect.poll(() => heard.every((words) => words.has('one'))).toBe(true);
			for (const word of ['two', 'three', 'four']) {
				work.word(word);
				await work.next('running');
				await expect.poll(() => heard.every((words) => words.has(word))).toBe(true);
			}
			over = true;
			await Promise.all(callers);
			expect(failures).toEqual([]);
			for (const words of heard) expect([...words]).toEqual(['one', 'two', 'three', 'four']);
			for (const client of clients) await client.close();
		},
		180_000,
	);
});

test('what cannot run leaves the version before as it is, and calls end where they began', async () => {
	await using work = await Work.open(['--listen', 'tcp://127.0.0.1:0']);
	await work.next('running');
	expect(await work.next('types')).toMatchObject({ types: 'unchecked' });
	const client = await work.client('tcp');
	const slow = client.callTool('wait', {});
	const goesOn = async (word: string) => expect(await client.callTool('say', {})).toEqual({ text: word });

	work.save('word.ts', "export const word = 'br");
	expect(await work.next('failed')).toMatchObject({ running: 1, error: { code: 'plugin_load_failed' } });
	await goesOn('one');
	work.word('two');
	expect(await work.next('running')).toMatchObject({ version: 2 });
	await goesOn('two');

	work.save('plugin.ts', source('dev.other'));
	expect(await work.next('failed')).toMatchObject({ running: 2, error: { code: 'identity_mismatch' } });
	await goesOn('two');
	work.save('plugin.ts', source('dev.sample', "throw new Error('not today');"));
	expect(await work.next('failed')).toMatchObject({
		error: { message: expect.stringContaining('not today') },
	});
	await goesOn('two');
	work.save('plugin.ts', source());
	await work.next('unchanged');

	renameSync(join(work.folder, 'word.ts'), join(work.folder, 'elsewhere'));
	expect(await work.next('failed')).toMatchObject({ error: { message: expect.stringContaining('word.ts') } });
	renameSync(work.folder, `${work.folder}-away`);
	await work.next('failed');
	await goesOn('two');
	renameSync(`${work.folder}-away`, work.folder);
	work.word('three');
	await work.next('running');
	await goesOn('three');
	// The same code again is another start of it.
	work.word('two');
	await work.next('running');
	await goesOn('two');

	// A storm of saves: the last one counts, and not each is built.
	for (let n = 0; n < 200; n++) work.word(`storm ${n}`);
	await expect.poll(() => client.callTool('say', {})).toEqual({ text: 'storm 199' });
	expect(await slow).toEqual({ text: 'one' });

	// package.json names another module.
	work.save('next.ts', source().replace('() => word', "() => 'from next'"));
	work.save('package.json', '{"main":"next.ts"}');
	await expect.poll(() => client.callTool('say', {})).toEqual({ text: 'from next' });
	await client.close();
});

test('one that does not even begin is waited for', async () => {
	await using work = await Work.open(['--listen', 'tcp://127.0.0.1:0'], {}, (folder) =>
		writeFileSync(join(folder, 'plugin.ts'), 'export default 1 +'),
	);
	expect(await work.next('failed')).toMatchObject({ error: { code: 'plugin_load_failed' } });
	work.save('plugin.ts', source());
	expect(await work.next('running')).toMatchObject({ tools: ['say', 'wait'] });
});

test("types are checked by the project's own TypeScript, beside what runs", async () => {
	await using work = await Work.open(['--listen', 'tcp://127.0.0.1:0'], {}, (folder) =>
		symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules')),
	);
	expect(await work.next('types')).toMatchObject({ types: 'right' });
	work.save('word.ts', 'export const word: number = "two";\n');
	expect(await work.next('running')).toMatchObject({ version: 2 });
	const { faults } = await work.next<{ faults: { file: string; line: number; text: string }[] }>('types');
	expect(faults).toMatchObject([{ line: 1, text: expect.stringContaining('TS2322') }]);
	expect(faults[0]?.file).toMatch(/word\.ts$/);
});

test.each([
	['to its process', 'node', []],
	['to the process of a version', 'node', ['--spawn']],
	...(denoExecutable() ? [['to the process of a version, on Deno', 'deno', ['--spawn']] as const] : []),
] as const)(
	"a debugger attaches %s, and stops in the author's source",
	async (_where, runtime, words) => {
		const code = source().replace('() => word)', '() => {\n\t\tconst said = word;\n\t\treturn said;\n\t})');
		await using work = await Work.open(
			['--listen', 'tcp://127.0.0.1:0', '--inspect', '--no-check', ...words],
			{ runtime },
			(folder) => writeFileSync(join(folder, 'plugin.ts'), code),
		);
		await work.cli.until(/^.*"event":"debugger".*$/m);
		const [told] = work.cli.stdout.split('\n').filter((line) => line.includes('"event":"debugger"'));
		const { url } = JSON.parse(told ?? '');
		expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\//);
		await using attached = await DebuggerClient.attach(url);
		const line = code.split('\n').indexOf('\t\treturn said;') + 1;
		const breakpoint = await attached.breakAt(pathToFileURL(join(work.folder, 'plugin.ts')).href, line);
		const client = await work.client('tcp');
		const call = client.callTool('say', {});
		const { at, breakpoints } = await attached.paused();
		expect({ at, breakpoints }).toEqual({ at: `plugin.ts:${line}`, breakpoints: [breakpoint] });
		await attached.resume();
		expect(await call).toEqual({ text: 'one' });
		await client.close();
	},
	180_000,
);

test('a folder that is no plugin is refused', async () => {
	const empty = mkdtempSync(join(scratch, 'empty-'));
	expect(await runCli(['dev', empty], { env })).toMatchObject({
		code: 3,
		stderr: expect.stringContaining('has no plugin in it'),
	});
	expect(await runCli(['dev', 'tcp://127.0.0.1:1'], { env })).toMatchObject({ code: 2 });
});

test('in a pipe it says what happens in lines', async () => {
	const folder = mkdtempSync(join(scratch, 'lines-'));
	writeFileSync(join(folder, 'plugin.ts'), source());
	writeFileSync(join(folder, 'word.ts'), "export const word = 'one';\n");
	await using cli = new RunningCli(['dev', folder, '--listen', 'tcp://127.0.0.1:0'], { env });
	await cli.until(/^✔ version 1 runs after \d+ ms/m);
	await cli.until(/^! types are not checked: /m);
	writeFileSync(join(folder, 'word.ts'), "export const word = 'two';\n");
	await cli.until(/^✔ version 2 runs after \d+ ms: .*word\.ts/m);
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { embedded, launched } from '../../src/runtime/host.ts';
import { createPlugin, OrchestraError } from '../../src/runtime/index.ts';
import { defineSeam, type LoadedSeam, loadSeam, MemoryStore, storeSeam } from '../../src/runtime/seams.ts';
import { patienceMs } from '../support/patience.ts';
import { writeExecutable } from '../toolchain/serve/plugin-files.ts';
import { Sampler, samplerSeam } from './fixtures/sampler.ts';
import { seamsPlugin } from './fixtures/seams-plugin.ts';
import { places, seamsAt, seamsFolder } from './load-seams.ts';

const { folder, remove } = seamsFolder();
afterAll(remove);
const certsDir = join(folder, 'certs');

async function failure(promise: Promise<unknown>): Promise<OrchestraError> {
	const error = await promise.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof OrchestraError)) expect.fail(`no typed error: ${String(error)}`);
	return error;
}

async function listed(items: AsyncIterable<{ n: number }>): Promise<number[]> {
	const numbers: number[] = [];
	for await (const { n } of items) numbers.push(n);
	return numbers;
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

describe.each(places)('a seam with methods of every kind, %s', (place) => {
	let seam: LoadedSeam<(typeof samplerSeam)['methods']>;
	beforeAll(async () => {
		seam = await loadSeam(samplerSeam, await seamsAt(place, folder));
	});
	afterAll(() => seam?.close());

	test('C1 answers once, with a stream, to a stream, and both ways', async () => {
		const { client } = seam;
		expectTypeOf(client.double).returns.toEqualTypeOf<Promise<{ n: number }>>();
		expect(await client.double({ n: 4 })).toEqual({ n: 8 });
		expect(await client.nothing()).toBeUndefined();
		expect(await listed(client.count({ n: 3 }))).toEqual([0, 1, 2]);
		expect(await client.sum([{ n: 1 }, { n: 2 }, { n: 3 }])).toEqual({ n: 6 });
		expect(await listed(client.echo([{ n: 5 }, { n: 6 }]))).toEqual([5, 6]);
	});

	test('C5 own codes keep code, message, hint and details; what has none keeps its message', async () => {
		const own = await failure(seam.client.fail({ code: 'quota_used_up' }));
		expect(own).toMatchObject({
			code: 'quota_used_up',
			message: 'failed with quota_used_up',
			hint: 'Wait.',
			details: { left: 3 },
		});
		expect(await failure(seam.client.fail({ code: 'plain' }))).toMatchObject({
			code: 'handler_error',
			message: 'a plain failure',
		});
	});

	test('W6 a deadline and a cancellation stay what they are', async () => {
		expect((await failure(seam.client.hang({}, { timeoutMs: 50 }))).code).toBe('deadline_exceeded');
		const controller = new AbortController();
		const call = failure(seam.client.hang({}, { signal: controller.signal }));
		controller.abort();
		expect((await call).code).toBe('cancelled');
	});

	test('what does not fit is refused at the plugin, and what it answers at the host', async () => {
		const wrong = await failure(seam.client.double({ n: 'four' } as unknown as { n: number }));
		expect(wrong).toMatchObject({ code: 'invalid_arguments', details: { faultCount: 1 } });
		const item = await failure(seam.client.sum([{ n: 1 }, {} as { n: number }]));
		expect(item.code).toBe('invalid_arguments');
		const lie = await failure(seam.client.lie());
		expect(lie.code).toBe('invalid_response');
		expect(lie.message).toContain('seams answered sampler.lie');
	});
});

test('C4 after close the process is gone, and a second close does nothing', async () => {
	const seam = await loadSeam(samplerSeam, await seamsAt('tcp', folder));
	const pid = seam.pid ?? expect.fail('it has no process');
	expect(isAlive(pid)).toBe(true);
	await seam.close();
	await seam.close();
	expect(isAlive(pid)).toBe(false);
	expect(seam.gone.aborted).toBe(true);
	expect((await failure(seam.client.double({ n: 1 }))).code).toMatch(/^connection_/);
});

test('a plugin that dies says so by its signal, and its calls fail', async () => {
	const seam = await loadSeam(samplerSeam, await seamsAt('tcp', folder));
	const gone = new Promise((resolve) => seam.gone.addEventListener('abort', resolve, { once: true }));
	const call = failure(seam.client.hang());
	process.kill(seam.pid ?? expect.fail('it has no process'), 'SIGKILL');
	await gone;
	expect((await call).code).toBe('connection_lost');
	// What ended it, and not only that it has.
	expect(seam.gone.reason).toBeInstanceOf(OrchestraError);
	expect(seam.gone.reason.code).toBe('connection_lost');
	await seam.close();
});

test('C8 a plugin does not see what its host was not told to pass on', async () => {
	const source = await seamsAt('tcp', folder);
	process.env.SEAMS_SECRET = 'hidden';
	try {
		await using seam = await loadSeam(samplerSeam, source);
		expect(await seam.client.environment({ name: 'SEAMS_SECRET' })).toEqual({ value: '' });
	} finally {
		delete process.env.SEAMS_SECRET;
	}
});

describe('what cannot be loaded', () => {
	const launch = (label: string, command: string, args: string[] = []) =>
		launched({ label, command: { command, args }, certsDir, readyTimeoutMs: patienceMs });

	test('C3 a program that is no plugin: the error names seam and path', async () => {
		const error = await failure(loadSeam(storeSeam, launch('/bin/true', '/bin/true')));
		expect(error.code).toBe('start_failed');
		expect(error.message).toContain('start store plugin "/bin/true": ');
	});

	test('C3 a program that prints what is no handshake: the same', async () => {
		const script = ['-e', "console.log('1|1|tcp|nonsense'); console.error('READY or not')"];
		const error = await failure(loadSeam(storeSeam, launch('garbage', process.execPath, script)));
		expect(error.code).toBe('start_failed');
		expect(error.message).toContain('start store plugin "garbage": ');
	});

	test('C3 a plugin of other seams: the error names what it serves', async () => {
		const plugin = createPlugin('other').provideSeam(samplerSeam, new Sampler()).build();
		const error = await failure(loadSeam(storeSeam, embedded(plugin)));
		expect(error).toMatchObject({
			code: 'seam_not_found',
			message: 'dispense store of plugin other: it does not serve this seam',
			hint: 'It serves sampler (version 2).',
		});
		const none = await failure(loadSeam(storeSeam, embedded(createPlugin('bare').build())));
		expect(none.code).toBe('seam_not_found');
	});

	test('a plugin with another id than was asked for is refused', async () => {
		const error = await failure(loadSeam(samplerSeam, embedded(seamsPlugin), { id: 'others' }));
		expect(error).toMatchObject({
			code: 'identity_mismatch',
			details: { expected: 'others', got: 'seams', seam: 'sampler' },
		});
		await using seam = await loadSeam(samplerSeam, embedded(seamsPlugin), { id: 'seams' });
		expect(seam.plugin).toBe('seams');
	});

	test('C3 a plugin without seams in a process leaves none behind', async () => {
		writeExecutable(folder, 'bare.mjs', { id: 'bare' });
		let pid = 0;
		const source = launch('bare', process.execPath, [join(folder, 'bare.mjs')]);
		const watched: typeof source = {
			...source,
			async start(host, signal) {
				const hosted = await source.start(host, signal);
				pid = hosted.pid ?? 0;
				return hosted;
			},
		};
		expect((await failure(loadSeam(storeSeam, watched))).code).toBe('seam_not_found');
		expect(pid).toBeGreaterThan(0);
		expect(isAlive(pid)).toBe(false);
	});
});

describe('versions', () => {
	const versioned = (version: number) => defineSeam('clock', { version, methods: { tick: {} } });
	const serving = (...versions: number[]) => {
		const builder = createPlugin('clocks');
		for (const version of versions) builder.provideSeam(versioned(version), { tick() {} });
		return embedded(builder.build());
	};

	test('G6 the highest that both have is taken', async () => {
		await using seam = await loadSeam([versioned(1), versioned(2), versioned(4)], serving(3, 2, 1));
		expect(seam.version).toBe(2);
		await seam.client.tick();
	});

	test('G6 none in common is an error that names both sides', async () => {
		const error = await failure(loadSeam([versioned(4), versioned(5)], serving(1, 3)));
		expect(error).toMatchObject({
			code: 'seam_version_mismatch',
			message: 'dispense clock of plugin clocks: it serves version 1, 3, this host wants 4, 5',
			details: { offered: [1, 3], wanted: [4, 5] },
		});
	});
});

test('an implementation that lacks a method, and a version that is there twice, are refused where they are said', () => {
	const builder = createPlugin('wrong');
	expect(() => builder.provideSeam(storeSeam, {} as unknown as MemoryStore)).toThrow(
		'has no function createFlag',
	);
	builder.provideSeam(storeSeam, new MemoryStore());
	expect(() => builder.provideSeam(storeSeam, new MemoryStore())).toThrow('already');
	expect(() => defineSeam('orchestra.x', { version: 1, methods: {} })).toThrow('cannot be named');
	expect(() => defineSeam('x', { version: 0, methods: {} })).toThrow('version');
});

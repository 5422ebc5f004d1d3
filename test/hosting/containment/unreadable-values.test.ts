import { createPlugin, ToolError } from 'orchestra-toolchain';
import { embedded, Orchestrator } from 'orchestra-toolchain/host';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient, type PluginClient } from '../../../src/runtime/client/plugin-client.ts';
import type { LogEntry } from '../../../src/runtime/plugin/definition/log.ts';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { runAfterEach } from '../../support/run-after-each.ts';

function thrower(): never {
	throw new TypeError('it cannot be read');
}

function revoked(target: object): object {
	const { proxy, revoke } = Proxy.revocable(target, {});
	revoke();
	return proxy;
}

function withGetter(target: object, ...keys: string[]): object {
	for (const key of keys) Object.defineProperty(target, key, { get: thrower });
	return target;
}

/** What cannot be read without throwing, each made anew: some are spent by being read. */
const values: Record<string, () => unknown> = {
	'a revoked proxy': () => revoked({}),
	'a revoked proxy of an error': () => revoked(new Error('hidden')),
	'a proxy all of whose traps throw': () =>
		new Proxy({}, { get: thrower, getPrototypeOf: thrower, has: thrower, ownKeys: thrower }),
	'an object whose toString throws': () => ({ toString: thrower }),
	'an object without a prototype': () => Object.create(null),
	'an error whose message throws': () => withGetter(new Error(), 'message'),
	'an error whose stack throws': () => withGetter(new Error('said'), 'stack'),
	'an error of which nothing can be read': () => withGetter(new Error(), 'message', 'name', 'stack', 'code'),
	'an error whose message is an object': () => Object.assign(new Error(), { message: { toString: thrower } }),
	'a ToolError whose code throws': () => withGetter(new ToolError('odd', 'said'), 'code'),
	'a ToolError of which a part throws': () => withGetter(new ToolError('odd', 'said'), 'hint', 'message'),
};

/** What cannot be awaited. */
const thenables: Record<string, () => object> = {
	'an object whose then throws when it is read': () => withGetter({}, 'then'),
	'an object whose then throws': () => Object.assign({}, { ['th' + 'en']: thrower }),
	'a promise whose constructor throws': () => withGetter(Promise.resolve(1), 'constructor'),
	'a revoked proxy': () => revoked({}),
};

const strays: unknown[] = [];
const onStray = (reason: unknown) => strays.push(reason);
process.on('unhandledRejection', onStray);
afterEach(async () => {
	await new Promise((resolve) => setImmediate(resolve));
	expect(strays.splice(0)).toEqual([]);
});
const afterwards = runAfterEach();

async function host(make: () => unknown): Promise<{ client: PluginClient; log: LogEntry[] }> {
	const log: LogEntry[] = [];
	const orchestrator = new Orchestrator({ onLog: (entry) => log.push(entry) });
	const fail = (): never => {
		throw make();
	};
	const plugin = createPlugin('odd')
		.registerTool('throws', { description: 'Throws.' }, fail)
		.registerTool('rejects', { description: 'Rejects.' }, async () => fail())
		.registerTool('returns', { description: 'Returns.' }, make as () => string)
		.registerTool('resolves', { description: 'Resolves.' }, async () => ({ inner: make() }) as object)
		.registerTool('works', { description: 'Works.' }, () => 'it works')
		.registerStreamingTool('streams', { description: 'Streams.' }, async function* () {
			yield 'first';
			fail();
		})
		.registerStreamingTool('yields', { description: 'Yields.' }, async function* () {
			yield { inner: make() };
		})
		.registerPrompt('prompts', { description: 'Prompts.' }, fail)
		.providesStorage('odd')
		.setStorageHandler({ read: fail, write: fail, delete: fail, list: fail })
		.subscribe('odd', fail)
		.lifecycle({ onHealth: fail, onShutdown: fail })
		.build();
	await orchestrator.host(embedded(plugin));
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop({ graceMs: 0 });
	});
	return { client, log };
}

async function failure(promise: Promise<unknown>): Promise<OrchestraError> {
	return promise.then(
		(value) => {
			throw new Error(`it answered ${JSON.stringify(value)}`);
		},
		(error) => error as OrchestraError,
	);
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
	const found: unknown[] = [];
	for await (const chunk of stream) found.push(chunk);
	return found;
}

describe.each(Object.entries(values))('a handler that throws %s', (name, make) => {
	test('is answered at once, wherever the handler stands', async () => {
		const { client, log } = await host(make);
		const codes = [
			await failure(client.callTool('throws', {})),
			await failure(client.callTool('rejects', {})),
			await failure(collect(client.streamTool('streams', {}))),
			await failure(client.getPrompt('prompts', {})),
			await failure(client.storage.read('x', { storageType: 'odd' })),
			await failure(client.storage.list({ storageType: 'odd' })),
		].map(({ code }) => code);
		expect(new Set(codes)).toEqual(new Set(['handler_error']));
		await client.publish({ topic: 'odd', eventType: 'odd' });
		await client.health();
		expect(await client.callTool('works', {})).toEqual({ text: 'it works' });
		// A ToolError is no defect.
		if (!name.includes('ToolError of')) {
			expect(log.map(({ message }) => message)).toContain('the subscriber of odd failed');
		}
	});

	test('in onBoot fails the boot', async () => {
		const orchestrator = new Orchestrator({});
		afterwards(() => orchestrator.stop({ graceMs: 0 }));
		const plugin = createPlugin('odd').lifecycle({
			onBoot: () => {
				throw make();
			},
		});
		expect((await failure(orchestrator.host(embedded(plugin.build())))).code).toBe('boot_failed');
	});
});

describe.each(Object.entries(thenables))('a handler that returns %s', (_, make) => {
	test('is answered at once', async () => {
		const { client } = await host(make);
		for (const tool of ['returns', 'resolves']) {
			const outcome = await client.callTool(tool, {}).catch((error: OrchestraError) => error.code);
			if (typeof outcome === 'string')
				expect(['handler_error', 'not_json', 'invalid_result']).toContain(outcome);
		}
		await collect(client.streamTool('yields', {})).catch(() => {});
		expect(await client.callTool('works', {})).toEqual({ text: 'it works' });
	});
});

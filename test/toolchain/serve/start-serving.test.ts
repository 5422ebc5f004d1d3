import { getEventListeners } from 'node:events';
import { createPlugin } from 'orchestra-toolchain';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import { embedded, type Orchestrator, type PluginSource } from '../../../src/runtime/host.ts';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import type { PluginToServe } from '../../../src/toolchain/serve/plugin-to-serve.ts';
import { type StartServingOptions, startServing } from '../../../src/toolchain/serve/start-serving.ts';
import { expectNothingLeftBehind } from '../../support/left-behind.ts';

expectNothingLeftBehind();

const stopping: Orchestrator[] = [];
/** What happened to the plugins, in order. */
const said: string[] = [];
beforeEach(() => void said.splice(0));
afterEach(async () => {
	for (const orchestrator of stopping.splice(0)) await orchestrator.stop({ graceMs: 0 });
});

/** A plugin in this process that says when it boots and when it is shut down. */
function works(id: string): PluginSource {
	const plugin = createPlugin(id)
		.lifecycle({
			onBoot: () => void said.push(`${id} boots`),
			onShutdown: () => void said.push(`${id} shuts down`),
		})
		.registerTool(id, { description: 'Answers.' }, () => 'done')
		.build();
	return embedded(plugin);
}

/** A plugin that cannot be loaded once `after` has come. */
function broken(name: string, after: () => Promise<unknown> = async () => {}): PluginSource {
	const load = async () => {
		await after();
		throw new OrchestraError('plugin_load_failed', `${name} does not load`);
	};
	return embedded(load, { label: name });
}

/** Waits until something was said. */
const heard = (word: string) => () => expect.poll(() => said).toContain(word);

async function serve(
	plugins: readonly Omit<PluginToServe, 'policy'>[],
	options: Partial<StartServingOptions> & { failedDependency?: 'fail' | 'ignore' } = {},
): Promise<Orchestrator> {
	const { failedDependency = 'fail', ...more } = options;
	const orchestrator = await startServing(
		{
			hasProcesses: false,
			routing: {},
			failedDependency,
			plugins: async () => plugins.map((plugin) => ({ policy: {}, ...plugin })),
		},
		{
			addresses: [],
			onLog() {},
			onOutput() {},
			onFailure: (slot, { code }) => said.push(`${slot.id}: ${code}`),
			...more,
		},
	);
	stopping.push(orchestrator);
	return orchestrator;
}

test('a plugin that cannot be started is named, and the others are served', async () => {
	const orchestrator = await serve([{ source: broken('bad') }, { source: works('good') }]);
	expect(said.sort()).toEqual(['bad: plugin_load_failed', 'good boots']);
	const client = createClient(orchestrator.connect('tester'));
	expect(await client.callTool('good')).toEqual({ text: 'done' });
	await client.close();
});

test('with strict all are served or none: what ran by then is shut down', async () => {
	const { signal } = new AbortController();
	const serving = serve([{ source: works('good') }, { source: broken('bad', heard('good boots')) }], {
		strict: true,
		signal,
	});
	await expect(serving).rejects.toMatchObject({ code: 'plugin_load_failed' });
	expect(said).toEqual(['good boots', 'good shuts down']);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('where none can be started that is an error, unless the server is to stay up', async () => {
	const both = [{ source: broken('one') }, { source: broken('two') }];
	await expect(serve(both)).rejects.toMatchObject({ code: 'plugin_load_failed' });
	said.splice(0);
	await serve(both, { staysUp: true });
	expect(said.sort()).toEqual(['one: plugin_load_failed', 'two: plugin_load_failed']);
});

test('a plugin whose dependency has failed is not started, unless that is of no account', async () => {
	const three = [
		{ id: 'needs', source: works('needs'), dependsOn: ['bad'] },
		{ id: 'bad', source: broken('bad') },
		{ id: 'free', source: works('free') },
	];
	await serve(three);
	expect(said.sort()).toEqual(['bad: plugin_load_failed', 'free boots', expect.stringMatching(/^needs: /)]);
	said.splice(0);
	await serve(three, { failedDependency: 'ignore' });
	expect(said.sort()).toEqual(['bad: plugin_load_failed', 'free boots', 'needs boots']);
});

test('who gives up while plugins are started gets what was started shut down', async () => {
	const giving = new AbortController();
	const never = embedded(() => new Promise(() => {}), { label: 'never' });
	const serving = serve([{ source: works('good') }, { source: never }], { signal: giving.signal });
	await heard('good boots')();
	giving.abort(new OrchestraError('cancelled', 'it was given up'));
	// Whoever has given up asks for nothing more.
	await Promise.allSettled([serving]);
	expect(said.slice(0, 2)).toEqual(['good boots', 'good shuts down']);
});

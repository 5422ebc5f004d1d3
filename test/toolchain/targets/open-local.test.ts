import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { createPlugin } from 'orchestra-toolchain';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectInProcess } from '../../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import { inspectTarget } from '../../../src/toolchain/targets/inspect-target.ts';
import { openLocal } from '../../../src/toolchain/targets/open-local.ts';
import type { OpenedTarget } from '../../../src/toolchain/targets/opened-target.ts';
import { expectNothingLeftBehind } from '../../support/left-behind.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFiles } from '../write-files.ts';

const folder = scratchFolder('target');
beforeAll(() => {
	writeFiles(folder, {
		'broken.mjs': "throw new Error('it does not load');",
		'good.mjs': `export default {
			manifest: { id: 'good' }, id: 'good',
		};`,
	});
});

describe('a module that cannot be loaded', () => {
	expectNothingLeftBehind({ except: [/esbuild/, /descriptor pipe/, /descriptor socket/] });

	test('leaves no listener on the signal, and what ran beside it is shut down', async () => {
		let stops = 0;
		const beside = createPlugin('beside')
			.lifecycle({ onShutdown: () => void stops++ })
			.build();
		const opening = openLocal(
			{ kind: 'module', entry: join(folder, 'broken.mjs'), folder },
			{ signal: new AbortController().signal, beside: [beside], onLog() {}, onOutput() {} },
		);
		await expect(opening).rejects.toMatchObject({ code: 'plugin_load_failed' });
		expect(stops).toBe(1);
	});
});

test('a plugin that was opened and closed leaves no listener on the signal', async () => {
	const { signal } = new AbortController();
	const entry = join(folder, 'whole.mjs');
	writeFiles(folder, {
		'whole.mjs':
			"import { createPlugin } from 'orchestra-toolchain'; export default createPlugin('whole').build();",
	});
	const opened = await openLocal({ kind: 'module', entry, folder }, { signal, onLog() {}, onOutput() {} });
	expect(getEventListeners(signal, 'abort')).toHaveLength(1);
	await opened.close();
	expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('the median of the latencies is the sample in the middle', async () => {
	let asked = 0;
	// A clock that only the answers move: how fast this machine is must not be in it.
	let now = 0;
	const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
	onTestFinished(() => clock.mockRestore());
	const link = connectInProcess(
		(exchange) => {
			const { request } = exchange;
			if (request.listTools) exchange.finish({ listTools: { tools: [] } });
			else if (request.listPrompts) exchange.finish({ listPrompts: { prompts: [] } });
			else if (request.serviceCall) exchange.finish({ error: { code: 'service_not_found', message: '' } });
			else {
				// Of the nine samples behind the first question four are slow.
				const isSlow = asked++ > 5;
				now += isSlow ? 400 : 1;
				exchange.finish({ health: { status: 1, message: 'ok' } });
			}
		},
		{ callerName: 'tester', plugin: 'p' },
	);
	const client = createClient(link);
	const target: OpenedTarget = {
		how: 'connected',
		client,
		link,
		manifests: [],
		statuses: [],
		canIssue: false,
		extensions: true,
		orchestrator: false,
		software: '',
		close: () => client.close(),
		[Symbol.asyncDispose]: () => client.close(),
	};
	const { connection } = await inspectTarget(target, {});
	await target.close();
	expect(asked).toBe(10);
	expect(connection.latencyMs).toEqual({ min: 1, median: 1 });
});

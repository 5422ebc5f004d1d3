import { createPlugin, OrchestraError } from 'orchestra-toolchain';
import { embedded, type HostedPlugin, Orchestrator, type PluginSource } from 'orchestra-toolchain/host';
import { describe, expect, test } from 'vitest';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import type { PluginEnd } from '../../src/runtime/hosting/hosted-plugin.ts';
import {
	defaultSupervision,
	type SupervisionPolicy,
} from '../../src/runtime/hosting/supervision/supervision-policy.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { afterDependencies } from '../../src/toolchain/serve/after-dependencies.ts';
import { runAfterEach } from '../support/run-after-each.ts';

const afterwards = runAfterEach();

const quick: SupervisionPolicy = {
	...defaultSupervision,
	backOff: { initialMs: 2, maxMs: 10 },
	healthEveryMs: 10,
	healthTimeoutMs: 20,
};

/** A plugin with a process that the test ends, or lets hang. */
class Process {
	starts = 0;
	hangs = false;
	/** Health questions that are passed over before the next that is answered. */
	silences = 0;
	kind: PluginSource['kind'] = 'launched';
	failing: boolean | OrchestraError = false;
	tools = ['work'];
	prompts: string[] = [];
	end: (end: PluginEnd) => void = () => {};
	get source(): PluginSource {
		return { label: 'process', kind: this.kind, start: this.#start };
	}

	readonly #start: PluginSource['start'] = async (host) => {
		this.starts++;
		// One that was started anew does not hang: it would be ended again before the test has seen it.
		this.hangs = false;
		host.output('process', `line of start ${this.starts}`);
		if (this.failing === true) throw new Error('it does not start');
		if (this.failing) throw this.failing;
		return this.#plugin();
	};

	#plugin(): HostedPlugin {
		const handle: HostedPlugin['handle'] = (exchange) => {
			if (this.hangs) return;
			if (exchange.request.health && this.silences-- > 0) return;
			if (exchange.request.health) exchange.finish({ health: { status: 1, message: 'ok' } });
			else exchange.finish({ toolCall: { success: true, result: { start: this.starts } } });
		};
		const ended = new Promise<PluginEnd>((resolve) => {
			this.end = resolve;
		});
		return {
			id: 'process',
			kind: 'launched',
			manifest: { id: 'process' },
			tools: this.tools.map((name) => ({ name })),
			prompts: this.prompts.map((name) => ({ name })),
			software: '',
			extensions: true,
			handle,
			connection: connectInProcess(handle, { callerName: 'orchestrator', plugin: 'process' }),
			ended,
			underWay: () => [],
			stop: async () => this.end({ reason: 'stopped' }),
		};
	}
}

const crash: PluginEnd = { reason: 'crashed', exit: { code: 1, signal: null } };

function host(source: PluginSource, policy: object = { supervision: quick }) {
	const log: LogEntry[] = [];
	const orchestrator = new Orchestrator({ onLog: (entry) => log.push(entry) });
	const client = createClient(orchestrator.connect('tester'));
	afterwards(() => orchestrator.stop({ graceMs: 0 }));
	const slot = orchestrator.add(source, policy);
	return { orchestrator, client, slot, log };
}

describe('a plugin that crashes', () => {
	test('is started again, and serves', async () => {
		const process = new Process();
		const { client, slot } = host(process.source);
		await slot.start();
		process.end(crash);
		await expect.poll(() => process.starts).toBe(2);
		await slot.start();
		expect(await client.callTool('work')).toEqual({ start: 2 });
		expect(slot.status).toMatchObject({ state: 'running', starts: 2 });
	});

	test('too often has failed, with its last output, until somebody starts it', async () => {
		const process = new Process();
		const { client, slot, log } = host(process.source, { supervision: { ...quick, budget: 3 } });
		await slot.start();
		for (let n = 1; n <= 4; n++) {
			await expect.poll(() => `${process.starts} ${slot.state}`).toBe(`${n} running`);
			process.end(crash);
		}
		await expect.poll(() => slot.state).toBe('failed');
		expect(slot.status.reason).toBe(
			'it is given up: 3 restarts within 300 s. The last of them: its process ended with exit code 1',
		);
		const told = log.find(({ message }) => message.startsWith('it is given up'));
		expect((told?.fields as { output: string[] } | undefined)?.output).toContain('line of start 4');
		await expect(client.callTool('work')).rejects.toMatchObject({ code: 'plugin_unavailable' });
		await slot.start();
		expect(await client.callTool('work')).toEqual({ start: 5 });
	});

	test('and then does not start is tried again, too', async () => {
		const process = new Process();
		const { slot } = host(process.source, { supervision: { ...quick, budget: 10_000 } });
		await slot.start();
		process.failing = true;
		process.end(crash);
		await expect.poll(() => process.starts).toBeGreaterThan(2);
		process.failing = false;
		await expect.poll(() => slot.state).toBe('running');
	});

	test('is left alone where its policy, or an operator, says so', async () => {
		const process = new Process();
		const { slot } = host(process.source, { supervision: { ...quick, when: 'never' } });
		await slot.start();
		process.end(crash);
		await expect.poll(() => slot.state).toBe('crashed');
		const stopped = new Process();
		const other = host(stopped.source);
		await other.slot.start();
		await other.slot.stop();
		// Longer than any back-off here.
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(process.starts).toBe(1);
		expect(stopped.starts).toBe(1);
		expect(other.slot.state).toBe('stopped');
	});

	test('says which tools and prompts it has gained and lost', async () => {
		const process = new Process();
		const { slot, log, client } = host(process.source);
		await slot.start();
		process.tools = ['work', 'more'];
		process.prompts = ['greet'];
		process.end(crash);
		await expect.poll(() => slot.status.starts).toBe(2);
		await slot.start();
		const messages = log.map(({ message }) => message);
		expect(messages).toContain('its tools have changed (new: more)');
		expect(messages).toContain('its prompts have changed (new: greet)');
		expect((await client.listTools()).map(({ name }) => name)).toEqual(['work', 'more']);
	});
});

test('a plugin that misses one question for its health does not hang', async () => {
	const process = new Process();
	const { slot, log } = host(process.source);
	await slot.start();
	process.silences = 1;
	await expect
		.poll(() => log.some(({ message }) => message.startsWith('it does not say how it is')))
		.toBe(true);
	await expect.poll(() => slot.status.health).toBe('healthy');
	expect(process.starts).toBe(1);
});

test('a plugin that is dialled is dialled for ever, and no wait is longer than the longest', async () => {
	const process = new Process();
	process.kind = 'remote';
	process.failing = new OrchestraError('unreachable', 'nothing answers', { retryable: true });
	const { slot, log } = host(process.source, {
		supervision: { ...quick, budget: 2, backOff: { initialMs: 4, maxMs: 4 } },
	});
	await slot.start().catch(() => {});
	await expect.poll(() => process.starts).toBeGreaterThan(6);
	const waits = log.flatMap(({ message }) => /^it is started again in (\d+) ms/.exec(message)?.[1] ?? []);
	expect(Math.max(...waits.map(Number))).toBeLessThanOrEqual(4);
	process.failing = false;
	await expect.poll(() => slot.state).toBe('running');
});

test('a plugin that is dialled is given up once it was refused as often as it may be restarted', async () => {
	const process = new Process();
	process.kind = 'remote';
	const { slot, log } = host(process.source, { supervision: { ...quick, budget: 3 } });
	await slot.start();
	process.failing = new OrchestraError('unreachable', 'nothing answers', { retryable: true });
	process.end(crash);
	await expect.poll(() => process.starts, { timeout: 10_000 }).toBeGreaterThan(5);
	const told = () => log.filter(({ message }) => message.startsWith('it is started again')).length;
	process.failing = new OrchestraError('peer_revoked', 'the certificate of process is revoked');
	await expect.poll(() => slot.status.reason, { timeout: 10_000 }).toMatch(/^it is given up/);
	expect(slot.status.reason).toBe(
		'it is given up: refused 3 times in a row. The last of them: the certificate of process is revoked',
	);
	const before = told();
	process.failing = false;
	await slot.start();
	process.failing = new OrchestraError('peer_revoked', 'the certificate of process is revoked');
	process.end(crash);
	await expect.poll(() => slot.status.reason, { timeout: 10_000 }).toMatch(/^it is given up/);
	expect(told() - before).toBe(3);
});

test('a plugin that hangs is found, ended and started again', async () => {
	const process = new Process();
	const { slot, client } = host(process.source);
	await slot.start();
	await expect.poll(() => slot.status.health).toBe('healthy');
	expect(slot.status.latencyMs).toBeGreaterThanOrEqual(0);
	process.hangs = true;
	await expect.poll(() => process.starts).toBe(2);
	await slot.start();
	expect(await client.callTool('work')).toEqual({ start: 2 });
});

describe('a first start that fails', () => {
	const ended = new OrchestraError('start_failed', 'it ended before it was ready', { retryable: true });

	test('is tried again, and what depends on it is started then', async () => {
		const process = new Process();
		process.failing = ended;
		const patient = { ...quick, budget: 10_000 };
		const { orchestrator, slot, log } = host(process.source, { id: 'base', supervision: patient });
		const dependent = embedded(createPlugin('dependent').build());
		const other = orchestrator.add(
			afterDependencies(dependent, 'dependent', () => [slot], 'fail'),
			{ id: 'dependent', supervision: quick },
		);
		await expect.poll(() => process.starts).toBeGreaterThan(1);
		await expect.poll(() => other.state).toBe('failed');
		process.failing = false;
		await expect.poll(() => slot.state).toBe('running');
		await expect.poll(() => other.state).toBe('running');
		expect(log.map(({ message }) => message)).toContain('it is started, now that base runs');
	});

	test('is not tried again when somebody has stopped it', async () => {
		const process = new Process();
		process.failing = ended;
		const slow = { ...quick, backOff: { initialMs: 60, maxMs: 60 } };
		const { slot } = host(process.source, { supervision: slow });
		await slot.start().catch(() => {});
		await slot.stop();
		expect(slot.status).toMatchObject({ state: 'stopped', reason: 'it ended before it was ready' });
		// Longer than the back-off.
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(process.starts).toBe(1);
	});

	test('leaves a plugin that is started by calls at rest, when it goes well', async () => {
		const process = new Process();
		process.failing = ended;
		const policy = { supervision: { ...quick, budget: 10_000 }, startOnCall: true };
		const { slot, client } = host(process.source, policy);
		await expect.poll(() => process.starts).toBeGreaterThan(1);
		process.failing = false;
		await expect.poll(() => slot.status.reason).toContain('the next call starts it');
		expect(await client.callTool('work')).toEqual({ start: process.starts });
	});

	test('too often has failed, with its last output', async () => {
		const process = new Process();
		process.failing = ended;
		const { slot, log } = host(process.source, { supervision: { ...quick, budget: 2 } });
		await expect.poll(() => slot.status.reason).toContain('it is given up: 2 restarts within 300 s');
		expect(slot.state).toBe('failed');
		expect(process.starts).toBe(3);
		const told = log.find(({ message }) => message.startsWith('it is given up'));
		expect((told?.fields as { output: string[] } | undefined)?.output).toContain('line of start 3');
	});

	test('is left alone where somebody has to mend something', async () => {
		const process = new Process();
		process.failing = new OrchestraError('identity_mismatch', 'it is somebody else');
		const { slot } = host(process.source);
		await expect(slot.start()).rejects.toMatchObject({ code: 'identity_mismatch' });
		// Longer than any back-off here.
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(process.starts).toBe(1);
		expect(slot.state).toBe('failed');
	});
});

describe('a plugin that is started when it is called', () => {
	test('does not rest while it has a call under way', async () => {
		let answer: () => void = () => {};
		const plugin = createPlugin('lazy')
			.registerTool(
				'work',
				{ description: '' },
				() => new Promise((resolve) => (answer = () => resolve('done'))),
			)
			.build();
		const { slot, client, orchestrator } = host(embedded(plugin), { startOnCall: true, idleStopMs: 20 });
		await expect.poll(() => slot.state).toBe('stopped');
		const states: string[] = [];
		orchestrator.onChange((change) => change.kind === 'plugin' && states.push(change.slot.state));
		const call = client.callTool('work');
		await expect.poll(() => orchestrator.callsUnderWay.length).toBe(1);
		// Longer than it may be idle, several times.
		await new Promise((resolve) => setTimeout(resolve, 120));
		expect(states).toEqual(['starting', 'running']);
		answer();
		expect(await call).toEqual({ text: 'done' });
		await expect.poll(() => slot.state).toBe('stopped');
	});

	test('rests until then, and again when nobody calls it', async () => {
		let boots = 0;
		const plugin = createPlugin('lazy')
			.registerTool('wake', { description: '' }, () => `boot ${boots}`)
			.lifecycle({ onBoot: () => void boots++ })
			.build();
		const { slot, client } = host(embedded(plugin), { startOnCall: true, idleStopMs: 30 });
		await expect.poll(() => slot.state).toBe('stopped');
		expect(slot.status.reason).toContain('the next call starts it');
		expect((await client.listTools()).map(({ name }) => name)).toEqual(['wake']);
		const answers = await Promise.all([client.callTool('wake'), client.callTool('wake')]);
		expect(answers).toEqual([{ text: 'boot 2' }, { text: 'boot 2' }]);
		await expect.poll(() => slot.state).toBe('stopped');
		expect(await client.callTool('wake')).toEqual({ text: 'boot 3' });
		// What an operator stops stays stopped.
		await slot.stop();
		await expect(client.callTool('wake')).rejects.toMatchObject({ code: 'plugin_unavailable' });
	});
});

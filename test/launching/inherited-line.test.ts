import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { launched } from '../../src/runtime/hosting/launched-source.ts';
import { type LaunchOptions, launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { patienceMs } from '../support/patience.ts';
import { type Runtime, runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { bundle, fixtureFile } from './bundle.ts';
import { isGone, misbehaveFile, OutputLog } from './processes.ts';
import { quicWorks } from './quic-works.ts';

const folder = scratchFolder('line');
const certsDir = join(folder, 'certs');
const files = { handed: '', small: '', host: '' };
beforeAll(async () => {
	[files.handed, files.small, files.host] = await Promise.all([
		bundle('handed-plugin.ts', folder),
		bundle('small-plugin.ts', folder),
		bundle('launching-host.ts', folder),
	]);
});

expectNothingLeftBehind({ except: [/^a timer of .*registrations\.ts/] });

function onLine(runtime: Runtime, options: Partial<LaunchOptions> = {}): LaunchOptions {
	const file = runtime === 'node' ? files.handed : fixtureFile('handed-plugin.ts');
	const [command, args] = runtimeCommand(runtime, file);
	return { command, args, certsDir, carrier: 'fd', oneTimeIdentity: true, ...options };
}

function failing(options: LaunchOptions): Promise<OrchestraError> {
	return launchPlugin(options).then(
		(plugin) => plugin.stop().then(() => new OrchestraError('internal', 'it was launched')),
		(error: unknown) => OrchestraError.from(error, 'internal'),
	);
}

describe.each(['node', 'deno'] as const)('a plugin on %s that has descriptors of its host', (runtime) => {
	it('is who it says, needs no certificate, listens nowhere, and leaves when it is told', async () => {
		const log = new OutputLog();
		const plugin = await launchPlugin(onLine(runtime, { inheritEnv: true, onOutput: log.listener }));
		expect(plugin).toMatchObject({ id: 'handed', address: undefined });
		expect(plugin.connection.peer).toEqual({ name: 'handed', carrier: 'fd', address: '' });
		expect(plugin.tools.map(({ name }) => name)).toContain('echo');
		expect(await plugin.client.callTool('echo', { n: 1 })).toEqual({ n: 1 });
		const seen = JSON.stringify(await plugin.client.callTool('environment'));
		expect(seen).not.toContain('ORCHESTRA_DESCRIPTORS');
		expect(seen).not.toContain('ORCHESTRA_IDENTITY');
		expect(existsSync(certsDir)).toBe(false);
		expect(log.lines.join('\n')).not.toMatch(/READY|IDENTIFY/);
		expect(await plugin.stop({ exitGraceMs: patienceMs })).toMatchObject({
			step: 'shutdown',
			clean: true,
			exit: { code: 0 },
		});
		expect(isGone(plugin.pid)).toBe(true);
	});

	it('reaches its orchestrator over the other one, in its own name', async () => {
		await using orchestrator = new Orchestrator();
		await orchestrator.embed(
			createPlugin('other')
				.registerTool('who', { description: 'Who calls.' }, (_args, { callerPlugin }) => ({ callerPlugin }))
				.build(),
		);
		const { command, args } = onLine(runtime);
		const source = launched({
			label: 'it',
			certsDir,
			carrier: 'fd',
			command: { command, args, oneTimeIdentity: true },
		});
		const plugin = await orchestrator.host(source);
		expect(orchestrator.registrations.get('handed')?.needsTools).toEqual(['who']);
		expect(orchestrator.addresses).toEqual([]);
		expect(plugin.connection.peer.carrier).toBe('fd');
		await using client = createClient(orchestrator.connect('test'));
		expect(await client.callTool('ask')).toEqual({ callerPlugin: 'handed' });
		expect(existsSync(certsDir)).toBe(false);
	});

	it('ends when its host has gone', async () => {
		const { command, args } = onLine(runtime);
		const { stdout } = await promisify(execFile)(process.execPath, [
			'-e',
			`const { spawn } = require('node:child_process');
			const child = spawn(${JSON.stringify(command)}, ${JSON.stringify(args)}, {
				stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
				env: { ...process.env, ORCHESTRA_DESCRIPTORS: '3,4' },
				detached: true,
			});
			// Its registration: it runs.
			child.stdio[4].once('data', () => { console.log(child.pid); process.exit(); });`,
		]);
		await expect.poll(() => isGone(Number(stdout))).toBe(true);
	});
});

const hasQuic = await quicWorks();

describe('a plugin that has descriptors of its host', () => {
	it('and fails says how it ended, with the calls under way', async () => {
		await using plugin = await launchPlugin(onLine('node'));
		const waiting = plugin.client.callTool('wait').catch((error: unknown) => error);
		await plugin.client.callTool('die').catch(() => undefined);
		expect(await waiting).toMatchObject({ code: 'connection_lost' });
		expect(await plugin.exited).toEqual({ code: 6, signal: null });
	});

	it('hands none of them to what it starts', async () => {
		await using plugin = await launchPlugin(onLine('node'));
		expect(await plugin.client.callTool('child')).toEqual({ text: '' });
	});

	it('and is another than was expected is refused', async () => {
		const error = await failing(onLine('node', { id: 'other' }));
		expect(error).toMatchObject({
			code: 'identity_mismatch',
			details: { expected: 'other', found: 'handed' },
		});
	});

	it('and may not have its name is refused, with the reason', async () => {
		const error = await failing(onLine('node', { refuseId: () => 'it is taken' }));
		expect(error).toMatchObject({
			code: 'identity_mismatch',
			message: expect.stringContaining('it is taken'),
		});
	});

	it('and fails to boot is an error of its start', async () => {
		const error = await failing(onLine('node', { config: { fail: 'yes' } }));
		expect(error).toMatchObject({ code: 'boot_failed', message: expect.stringContaining('not today') });
	});

	it('and ends before it says anything is a failed start', async () => {
		const error = await failing(onLine('node', { args: [misbehaveFile, 'exit', '3'] }));
		expect(error).toMatchObject({ code: 'start_failed' });
	});

	it.skipIf(!hasQuic)('and does not know them is reached at the address of its READY line', async () => {
		await using plugin = await launchPlugin(
			onLine('node', { args: [files.small], oneTimeIdentity: false, id: 'small' }),
		);
		expect(plugin.connection.peer).toMatchObject({ name: 'small', carrier: 'quic' });
		expect(await plugin.client.callTool('echo', { n: 1 })).toEqual({ n: 1 });
	});
});

it.each(['node', 'deno'] as const)('a host on %s gives them', async (runtime) => {
	const host = runtime === 'node' ? files.host : fixtureFile('launching-host.ts');
	const [command, args] = runtimeCommand(runtime, host, process.execPath, files.handed, certsDir, 'fd');
	const { stdout } = await promisify(execFile)(command, args);
	expect(JSON.parse(stdout)).toMatchObject({
		id: 'handed',
		answer: { hello: 'you' },
		stopped: { step: 'shutdown' },
	});
});

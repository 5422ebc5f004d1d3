import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Address, formatAddress } from '../../src/runtime/carrier/address.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { createIdentity } from '../../src/runtime/identity/upkeep/create-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import type { PluginRequest } from '../../src/runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { bundle, fixtureFile } from '../launching/bundle.ts';
import { patientStop } from '../support/patience.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { PluginProcess } from './support/plugin-process.ts';

const folder = scratchFolder('rights');
const certsDir = join(folder, 'certs');
let nodeFile = '';
beforeAll(async () => {
	await ensureIdentity(certsDir, 'orchestrator');
	nodeFile = await bundle('handed-plugin.ts', folder);
});

function start(runtime: 'node' | 'deno', args: readonly string[] = [], env = {}): PluginProcess {
	return new PluginProcess({
		runtime,
		env: { ORCHESTRA_CARRIER: 'tcp', ...env },
		args: ['--listen-addr=localhost:0', `--certs-dir=${certsDir}`, ...args],
	});
}

async function clientOf(plugin: PluginProcess, name: string, claims?: string) {
	const identity = await ensureIdentity(certsDir, name);
	const connection = await dial(await plugin.address(), { identity, expectPeer: 'fixture' });
	return createClient(connection, claims === undefined ? {} : { callerPlugin: claims });
}

describe.each(['node', 'deno'] as const)('a plugin in a process of its own, on %s', (runtime) => {
	test('is booted, registered with and stopped by its host only', async () => {
		await using plugin = start(runtime);
		await using stranger = await clientOf(plugin, 'weather');
		const denied = { code: 'permission_denied', details: { caller: 'weather', rule: 'host' } };
		await expect(stranger.shutdown()).rejects.toMatchObject(denied);
		await expect(stranger.boot({ key: 'evil' })).rejects.toMatchObject(denied);
		await expect(stranger.register({ id: 'fixture' })).rejects.toMatchObject(denied);
		await plugin.says(/weather may not shut down plugin fixture: only its host may/);
		// Tools are for every certificate of the CA.
		expect(await stranger.callTool('echo', { a: 1 })).toEqual({ a: 1 });
		// The host of another plugin is none of this one.
		await using other = await clientOf(plugin, 'orchestrator-to-bank');
		await expect(other.shutdown()).rejects.toMatchObject({ code: 'permission_denied' });
		await using host = await clientOf(plugin, 'orchestrator-to-fixture');
		await host.boot({ key: 'value' });
		expect(await host.shutdown()).toBe(true);
		await host.close();
		expect(await plugin.exit()).toBe(0);
		expect(plugin.stderr).not.toContain('evil');
	});

	test('sends nothing to an orchestrator that is another certificate of the CA', async () => {
		const heard: PluginRequest[] = [];
		await using listener = await listen(
			{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
			{
				identity: await ensureIdentity(certsDir, 'weather'),
				handler(exchange) {
					heard.push(exchange.request);
					exchange.finish({ register: { accepted: true } });
				},
			},
		);
		await using plugin = start(runtime, [`--orchestrator-addr=${formatAddress(listener.address)}`]);
		expect(await plugin.exit()).toBe(4);
		expect(plugin.stderr).toMatch(/is weather, not the orchestrator of plugin fixture/);
		expect(heard).toEqual([]);
	});

	test('that was handed its identity takes orders from the host that handed it, by its certificate', async () => {
		const [command, args] = runtimeCommand(
			runtime,
			runtime === 'node' ? nodeFile : fixtureFile('handed-plugin.ts'),
		);
		await using launched = await launchPlugin({
			command,
			args,
			certsDir,
			carrier: 'tcp',
			id: 'handed',
			oneTimeIdentity: true,
			stop: patientStop,
		});
		for (const name of ['weather', 'orchestra-host']) {
			const identity = await ensureIdentity(certsDir, name);
			await using client = createClient(
				await dial(launched.address as Address, { identity, expectPeer: 'handed' }),
			);
			await expect(client.shutdown()).rejects.toMatchObject({ code: 'permission_denied' });
		}
		expect(await launched.client.callTool('environment')).toBeDefined();
		expect(await launched.stop()).toMatchObject({ step: 'shutdown', clean: true });
	});
});

test('a host that says its names in the environment is recognised by these, and by no others', async () => {
	await using plugin = start('node', [], { ORCHESTRA_HOSTS: 'my.host other.host' });
	await using usual = await clientOf(plugin, 'orchestrator');
	await expect(usual.shutdown()).rejects.toMatchObject({ code: 'permission_denied' });
	await using host = await clientOf(plugin, 'other.host');
	expect(await host.shutdown()).toBe(true);
});

test('a caller is who its certificate says, unless it is the host', async () => {
	await using plugin = start('node');
	await using liar = await clientOf(plugin, 'weather', 'trusted.ui');
	expect(await liar.callTool('caller')).toEqual({ text: 'weather' });
	await using host = await clientOf(plugin, 'orchestrator-to-fixture', 'trusted.ui');
	expect(await host.callTool('caller')).toEqual({ text: 'trusted.ui' });
});

test.each(['Orchestrator-To-x', 'CLI', 'ORCHESTRA-HOST', 'x-Client', 'taken'])(
	'no launch gives a certificate as %s',
	async (id) => {
		await createIdentity(certsDir, 'taken', { replace: true });
		const [command, args] = runtimeCommand('node', nodeFile);
		const script = `console.error('IDENTIFY ${id}'); process.stdin.once('data', () => process.exit(1));`;
		const error = await launchPlugin({
			command: process.execPath,
			args: ['-e', script, '--'],
			certsDir,
			oneTimeIdentity: true,
		}).then(
			() => undefined,
			(thrown: unknown) => OrchestraError.from(thrown, 'internal'),
		);
		expect(error).toMatchObject({ code: 'identity_mismatch', details: { found: id } });
		if (id !== 'taken') return;
		// Whoever starts it may say that it is that one.
		await using launched = await launchPlugin({
			command,
			args,
			certsDir,
			id,
			oneTimeIdentity: true,
			env: { TEST_PLUGIN_ID: id },
		});
		expect(launched.id).toBe(id);
	},
);

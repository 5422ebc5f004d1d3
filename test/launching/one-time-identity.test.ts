import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Address, formatAddress } from '../../src/runtime/carrier/address.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { embedded } from '../../src/runtime/hosting/embedded-source.ts';
import { launched } from '../../src/runtime/hosting/launched-source.ts';
import { createIdentity } from '../../src/runtime/identity/upkeep/create-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { revoke, undoRevocation } from '../../src/runtime/identity/upkeep/revoke.ts';
import { finishRotation, rotateAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { type LaunchOptions, launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type Runtime, runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { bundle, fixtureFile } from './bundle.ts';
import { OutputLog } from './processes.ts';
import { quicWorks } from './quic-works.ts';

const carriers = (await quicWorks()) ? (['tcp', 'quic'] as const) : (['tcp'] as const);
const folder = scratchFolder('one-time');
const certsDir = join(folder, 'certs');
let nodeFile = '';
beforeAll(async () => {
	nodeFile = await bundle('handed-plugin.ts', folder);
});

// What a plugin registered with is forgotten a minute later, by a timer that keeps no process alive.
expectNothingLeftBehind({ except: [/^a timer of .*registrations\.ts/] });

function handed(runtime: Runtime, options: Partial<LaunchOptions> = {}): LaunchOptions {
	const file = runtime === 'node' ? nodeFile : fixtureFile('handed-plugin.ts');
	const [command, args] = runtimeCommand(runtime, file);
	return { command, args, certsDir, carrier: 'tcp', oneTimeIdentity: true, ...options };
}

function failing(options: LaunchOptions): Promise<OrchestraError> {
	return launchPlugin(options).then(
		(launched) => launched.stop().then(() => new OrchestraError('internal', 'it was launched')),
		(error: unknown) => OrchestraError.from(error, 'internal'),
	);
}

describe.each(['node', 'deno'] as const)('a plugin on %s that is handed its identity', (runtime) => {
	it.each(carriers)('is who it says, has nothing on disk, and its host sees it so (%s)', async (carrier) => {
		const identity = await ensureIdentity(certsDir, 'orchestrator');
		await using orchestrator = new Orchestrator();
		const listener = await orchestrator.listen({ carrier, host: '127.0.0.1', port: 0 }, identity);
		const before = readdirSync(certsDir).sort();
		process.env.ORCHESTRA_CERTS_DIR = certsDir;
		const log = new OutputLog();
		await using launched = await launchPlugin(
			handed(runtime, {
				carrier,
				orchestratorAddr: formatAddress(listener.address),
				inheritEnv: true,
				onOutput: log.listener,
			}),
		).finally(() => {
			delete process.env.ORCHESTRA_CERTS_DIR;
		});
		expect(launched.id).toBe('handed');
		expect(launched.connection.peer.name).toBe('handed');
		// It registers with the orchestrator under the same certificate, and says that it is ready before that.
		expect((await orchestrator.registrations.expect('handed', launched.exited))?.id).toBe('handed');
		expect(readdirSync(certsDir).sort()).toEqual(before);
		const seen = await launched.client.callTool('environment');
		expect(JSON.stringify(seen.argv)).not.toContain('certs');
		expect(JSON.stringify(seen.env)).not.toContain('ORCHESTRA_IDENTITY');
		expect(JSON.stringify(seen.env)).not.toContain('ORCHESTRA_CERTS_DIR');
		expect(JSON.stringify(seen)).not.toContain('PRIVATE KEY');
		expect(log.lines.join('\n')).not.toMatch(/IDENTIFY|PRIVATE KEY/);
	});

	it('gets another before the one it has is of no use, over the same pipe', async () => {
		await using launched = await launchPlugin(handed(runtime));
		const before = launched.connection.peer.fingerprint;
		await rotateAuthority(certsDir);
		const identity = await ensureIdentity(certsDir, 'someone');
		await expect
			.poll(async () => {
				const connection = await dial(launched.address as Address, { identity, expectPeer: 'handed' });
				await connection.close();
				return connection.peer.fingerprint;
			})
			.not.toBe(before);
		expect(await launched.client.callTool('environment')).toBeDefined();
		await finishRotation(certsDir);
	});

	it('ends when its host closes the pipe', async () => {
		await using launched = await launchPlugin(handed(runtime));
		// The answer may not make it.
		await launched.client.callTool('close_host').catch(() => undefined);
		expect((await launched.exited).signal).toBeNull();
	});
});

describe('a plugin that asks for an identity', () => {
	it('and is another than was expected is refused', async () => {
		const error = await failing(handed('node', { id: 'other' }));
		expect(error).toMatchObject({
			code: 'identity_mismatch',
			details: { expected: 'other', found: 'handed' },
		});
		expect(error.message).toContain('handed');
	});

	it('under an id that its host does not give away is refused', async () => {
		const error = await failing(handed('node', { refuseId: (id) => `${id} runs already` }));
		expect(error).toMatchObject({ code: 'identity_mismatch' });
		expect(error.message).toContain('handed runs already');
	});

	it('under an id whose certificate was issued to somebody on purpose is refused', async () => {
		const given = join(folder, 'given');
		await ensureIdentity(given, 'orchestrator');
		await createIdentity(given, 'handed');
		const error = await failing(handed('node', { certsDir: given }));
		expect(error).toMatchObject({
			code: 'identity_mismatch',
			hint: expect.stringContaining('orchestra.yaml'),
		});
		expect(error.message).toContain('was issued to another program');
	});

	it.each(['orchestrator', 'orchestrator-to-x', 'weather-client', 'cli', 'ca', '../x'])(
		'as %s, which is no name for a plugin, is refused',
		async (id) => {
			const script = `console.error('IDENTIFY ${id}'); process.stdin.on('data', (data) => console.error(String(data)));
				process.stdin.on('end', () => process.exit(1)); process.stdin.once('data', () => process.exit(1));`;
			const log = new OutputLog();
			const error = await failing(
				handed('node', { command: process.execPath, args: ['-e', script, '--'], onOutput: log.listener }),
			);
			expect(error).toMatchObject({ code: 'identity_mismatch' });
			expect(log.lines.join('\n')).not.toContain('PRIVATE');
		},
	);

	it('and serves another certificate of the CA than it was given is refused', async () => {
		const listener = await listen(
			{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
			{ identity: await ensureIdentity(certsDir, 'bank'), handler: () => expect.unreachable('it was asked') },
		);
		const script = `console.error('IDENTIFY handed');
			process.stdin.once('data', () => console.error('READY ${formatAddress(listener.address)}'));`;
		const error = await failing(handed('node', { command: process.execPath, args: ['-e', script, '--'] }));
		expect(error).toMatchObject({ code: 'identity_mismatch' });
		expect(error.message).toContain('bank');
		await listener.close();
	});

	it('is given none where its id runs already, in the same orchestrator', async () => {
		const [command, args] = runtimeCommand('node', nodeFile);
		const source = () =>
			launched({
				label: 'module',
				certsDir,
				carrier: 'tcp',
				command: { command, args, oneTimeIdentity: true },
			});
		await using orchestrator = new Orchestrator();
		const first = await orchestrator.host(source());
		await expect(orchestrator.host(source())).rejects.toMatchObject({
			code: 'identity_mismatch',
			message: expect.stringContaining('runs already'),
		});
		expect(orchestrator.plugins).toEqual([first]);
	});

	it('is given one again when its process has ended, or could not boot, and says how the process of a lost call ended', async () => {
		const [command, args] = runtimeCommand('node', nodeFile);
		await using orchestrator = new Orchestrator();
		const config: Record<string, string> = { fail: 'yes' };
		const slot = orchestrator.add(
			launched({
				label: 'module',
				certsDir,
				carrier: 'tcp',
				config,
				command: { command, args, oneTimeIdentity: true },
			}),
		);
		await expect(slot.start()).rejects.toMatchObject({ code: 'boot_failed' });
		config.fail = 'no';
		await slot.start();
		const client = createClient(orchestrator.connect('tester'));
		await expect(client.callTool('die')).rejects.toMatchObject({
			code: 'connection_lost',
			message: expect.stringContaining('handed has ended (exit code 6)'),
		});
		await expect.poll(() => slot.state).toBe('crashed');
		await slot.start();
		await client.close();
	});

	it('is given none under the name of an operator, a node, or a plugin that rests', async () => {
		const [command, args] = runtimeCommand('node', nodeFile);
		const as = (id: string) =>
			launched({
				label: id,
				certsDir,
				carrier: 'tcp',
				env: { TEST_PLUGIN_ID: id },
				command: { command, args, oneTimeIdentity: true },
			});
		await using orchestrator = new Orchestrator({ operators: ['ops-*'], nodes: ['far'] });
		const resting = orchestrator.add(embedded(createPlugin('bank.main').build()));
		await resting.start();
		await resting.stop();
		for (const [id, why] of [
			['ops-1', 'has rights under access'],
			['far', 'has rights under access'],
			['bank.main', 'it is the id of'],
		] as const) {
			await expect(orchestrator.host(as(id))).rejects.toMatchObject({
				code: 'identity_mismatch',
				message: expect.stringContaining(why),
			});
		}
	});

	it('twice gets one, however fast it asks', async () => {
		const script = `console.error('IDENTIFY bank.one\\nIDENTIFY bank.two'); let told = '';
			const end = () => { console.error('HEARD ' + told.match(/"name":"[^"]*"/g)); process.exit(3); };
			process.stdin.on('data', (data) => {
				// A second answer would come right behind the first.
				if (told === '') setTimeout(end, 1000);
				told += data;
			});`;
		const log = new OutputLog();
		await failing(
			handed('node', { command: process.execPath, args: ['-e', script, '--'], onOutput: log.listener }),
		);
		expect(log.lines.join('\n')).toContain('HEARD "name":"bank.one"');
		expect(log.lines.join('\n')).not.toContain('"name":"bank.two"');
	});

	it('never, but is ready, is not taken for what it is not', async () => {
		const script = `console.error('READY tcp://127.0.0.1:9'); setInterval(() => {}, 1000);`;
		const error = await failing(handed('node', { command: process.execPath, args: ['-e', script, '--'] }));
		expect(error).toMatchObject({ code: 'start_failed' });
		expect(error.message).toContain('never asked for its certificate');
	});

	it('and is revoked is refused, until that is over', async () => {
		await revoke(certsDir, { name: 'handed' }, 'a test');
		expect(await failing(handed('node'))).toMatchObject({ code: 'certificate_revoked' });
		await undoRevocation(certsDir, { name: 'handed' });
		await using launched = await launchPlugin(handed('node'));
		expect(launched.id).toBe('handed');
	});

	it.each(carriers)('and is revoked while it runs is called no more (%s)', async (carrier) => {
		await using launched = await launchPlugin(
			handed('node', { carrier, env: { TEST_PLUGIN_ID: `bad.${carrier}` } }),
		);
		const call = launched.client.callTool('wait').catch((error: unknown) => error);
		await revoke(certsDir, { name: `bad.${carrier}` });
		expect(await call).toMatchObject({ code: 'peer_revoked' });
		expect(launched.connection.open).toBe(false);
	});
});

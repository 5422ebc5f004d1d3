import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/runtime/carrier/address.ts';
import { dial } from '../../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import { ensureIdentity } from '../../../src/runtime/identity/upkeep/ensure-identity.ts';
import { projectRoot, RunningCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const odd = join(projectRoot, 'test/hosting/containment/fixtures/misbehaving.ts');
const weather = join(projectRoot, 'examples/weather');
const certsDir = scratchFolder('containment');

/** What is logged of each misbehaviour of an embedded plugin. */
const logged: Record<string, RegExp> = {
	rejection: /\[odd\] error plugin odd left a promise behind that was rejected: Error: nobody awaits this/,
	timer: /\[odd\] error plugin odd threw where nobody could catch it: Error: late/,
	microtask: /\[odd\] error plugin odd threw where nobody could catch it: Error: in a microtask/,
	emitter: /\[odd\] error plugin odd threw where nobody could catch it: Error: emitted/,
	no_error: /one of the plugins odd, weather left a promise behind that was rejected.*only a text/,
	unawaited_call: /one of the plugins odd, weather left a promise behind that was rejected.*nowhere/,
	exit: /plugin odd called process\.exit\(0\)/,
	late_exit: /plugin odd threw where nobody could catch it.*process\.exit\(0\)/,
	really_exit: /plugin odd called process\.reallyExit\(0\)/,
	abort: /plugin odd called process\.abort\(\)/,
	kill: /plugin odd called process\.kill\(/,
	deno_exit: /plugin odd called (process|Deno)\.exit\(0\)/,
	prints: /\[odd\] written in pieces/,
	blocks_a_while: /\[odd\] warn tool blocks_a_while blocked the event loop for \d+ ms/,
};

/** In a process of its own: those that leave its plugin running, then one that ends it. */
const spawned = ['rejection', 'timer', 'prints', 'blocks_a_while', 'exit'];

const cases = (['node', 'deno'] as const).flatMap((runtime) => [
	{ runtime, how: 'embedded', tools: Object.keys(logged) },
	{ runtime, how: '--spawn', tools: spawned },
	...(runtime === 'node' ? [{ runtime, how: '--spawn --carrier quic', tools: spawned }] : []),
]);

describe('serve goes on, and so do its other plugins', () => {
	test.each(cases)('$how, $runtime', async ({ runtime, how, tools }) => {
		const flags = how === 'embedded' ? [] : how.split(' ');
		const words = ['serve', odd, weather, '--listen', 'tcp://127.0.0.1:0', '--certs-dir', certsDir, ...flags];
		await using cli = new RunningCli([...words, '--grace', '1s'], { runtime });
		const [address = ''] = await cli.until(/tcp:\/\/127\.0\.0\.1:\d+/);
		const identity = await ensureIdentity(certsDir, 'tester');
		await using client = createClient(await dial(parseAddress(address), { identity }));
		for (const tool of tools) {
			// Some never answer: it is what is logged that is waited for.
			const call = client.callTool(tool, {}, { timeoutMs: 20_000 }).catch((error: Error) => error);
			if (how === 'embedded') await cli.until(logged[tool] as RegExp);
			else if (tool !== 'timer') await call;
			const answer = await client.callTool('forecast', { city: 'Oslo', days: 1 });
			expect(answer).toMatchObject({ city: 'Oslo' });
		}
		// Only what serve says of itself is on its stdout.
		expect(cli.stdout).not.toMatch(/printed|written/);
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});

	test('one that never lets go: serve names it, and SIGTERM ends it', async () => {
		const words = ['serve', odd, weather, '--listen', 'tcp://127.0.0.1:0', '--certs-dir', certsDir];
		await using cli = new RunningCli([...words, '--grace', '500ms']);
		const [address = ''] = await cli.until(/tcp:\/\/127\.0\.0\.1:\d+/);
		const identity = await ensureIdentity(certsDir, 'tester');
		await using client = createClient(await dial(parseAddress(address), { identity }));
		const call = client.callTool('blocks', {}, { timeoutMs: 20_000 }).catch((error: Error) => error);
		await cli.until(/warn tool blocks of plugin odd blocks the event loop, for \d+ s so far/);
		cli.child.kill('SIGTERM');
		await cli.exited;
		expect(cli.child.signalCode).toBe('SIGKILL');
		expect(await call).toBeInstanceOf(Error);
	});
});

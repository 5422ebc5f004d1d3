import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createPlugin, OrchestraError } from '../../src/runtime/index.ts';
import { FakeClock, Recording, testHost } from '../../src/testing/index.ts';
import { waitUntil } from '../support/wait-until.ts';

const adder = createPlugin('adder')
	.registerTool(
		'add',
		{
			description: 'Adds.',
			input: {
				type: 'object',
				properties: { a: { type: 'number' }, b: { type: 'number' } },
				required: ['a', 'b'],
			},
		},
		async ({ a, b }, ctx) => {
			await ctx.publish('sums', { sum: Number(a) + Number(b) });
			ctx.log.info('added');
			return { sum: Number(a) + Number(b) };
		},
	)
	.build();

test('a plugin is called in one line, with its arguments checked and its events and logs recorded', async () => {
	await using host = await testHost(adder);
	expect(await host.client.callTool('add', { a: 1, b: 2 })).toEqual({ sum: 3 });
	await expect(host.client.callTool('add', { a: 'one', b: 2 })).rejects.toMatchObject({
		code: 'invalid_arguments',
	});
	expect(await host.events.until(({ topic }) => topic === 'sums')).toMatchObject({ payload: { sum: 3 } });
	expect(await host.logs.until(({ message }) => message === 'added')).toMatchObject({ plugin: 'adder' });
});

test('faults hit the requests that they are planted for, and no others', async () => {
	await using host = await testHost(adder);
	const add = (a: number) => host.client.callTool('add', { a, b: 1 }, { timeoutMs: 10_000 });
	host.faults.plant({ tool: 'add' }, { error: new OrchestraError('overloaded', 'too much'), times: 1 });
	await expect(add(1)).rejects.toMatchObject({
		code: 'overloaded',
		message: expect.stringContaining('too much'),
	});
	expect(await add(1)).toEqual({ sum: 2 });

	const remove = host.faults.plant({ tool: 'add' }, { delayMs: 60_000 });
	const late = add(2);
	await waitUntil(() => host.clock.waiting > 0);
	await host.clock.advance(60_000);
	expect(await late).toEqual({ sum: 3 });
	remove();

	host.faults.plant({ tool: 'add' }, { hang: true });
	await expect(host.client.callTool('add', { a: 1, b: 1 }, { timeoutMs: 50 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
	});
});

test('a plugin that cannot boot leaves nothing running', async () => {
	const broken = createPlugin('broken')
		.lifecycle({
			onBoot() {
				throw new Error('no disk');
			},
		})
		.build();
	await expect(testHost(broken, { beside: [adder] })).rejects.toMatchObject({ code: 'boot_failed' });
});

test('what is waited for and does not come is told with what came', async () => {
	const sums = new Recording<number>('sum', 3);
	for (const sum of [1, 2, 3, 4]) sums.add(sum);
	expect(sums.all).toEqual([2, 3, 4]);
	expect(sums.dropped).toBe(1);
	await expect(sums.until((sum) => sum > 4, { timeoutMs: 20 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
		message: 'no sum that fits came within 20 ms',
		hint: expect.stringContaining('4'),
	});
});

test('the clock runs what is due in its order, and what that starts', async () => {
	const clock = new FakeClock(0);
	const heard: string[] = [];
	clock.every(40, () => heard.push(`every ${clock.now()}`));
	clock.after(50, () => {
		heard.push(`once ${clock.now()}`);
		clock.after(10, () => heard.push(`then ${clock.now()}`));
	});
	await clock.advance(85);
	expect(heard).toEqual(['every 40', 'once 50', 'then 60', 'every 80']);
	expect(clock.now()).toBe(85);
});

test.each([
	['node:test', 'node:test', [process.execPath, '--test']],
	['deno test', 'node:test', [bin('deno'), 'test', '-A', '--no-check']],
	['vitest', 'vitest', [process.execPath, bin('vitest'), 'run', '--root', '.']],
])('it runs under %s', async (_runner, runner, [command = '', ...args]) => {
	const dir = await realpath(await mkdtemp(join(tmpdir(), 'orchestra-testing-')));
	try {
		await mkdir(join(dir, 'node_modules'));
		await symlink(process.cwd(), join(dir, 'node_modules/orchestra-toolchain'));
		await symlink(join(process.cwd(), 'node_modules/vitest'), join(dir, 'node_modules/vitest'));
		await writeFile(join(dir, 'package.json'), '{"type":"module"}');
		await writeFile(
			join(dir, 'adder.test.mjs'),
			`import assert from 'node:assert/strict';
import { test } from '${runner}';
import { createPlugin } from 'orchestra-toolchain';
import { testHost } from 'orchestra-toolchain/testing';
const plugin = createPlugin('one').registerTool('one', { description: 'One.' }, () => ({ one: 1 })).build();
test('one', async () => {
	const host = await testHost(plugin);
	assert.deepEqual(await host.client.callTool('one'), { one: 1 });
	await host.stop();
});
`,
		);
		const files = runner === 'vitest' ? [] : ['adder.test.mjs'];
		const { stdout } = await promisify(execFile)(command, [...args, ...files], {
			cwd: dir,
			env: { ...process.env, NO_COLOR: '1' },
			timeout: 60_000,
		});
		expect(stdout).toMatch(/pass 1|1 passed/);
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
});

/** A program of this checkout. */
function bin(name: string): string {
	return join(process.cwd(), 'node_modules', name === 'vitest' ? 'vitest/vitest.mjs' : `.bin/${name}`);
}

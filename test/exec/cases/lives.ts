import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { ExecClient } from '../../../src/runtime/exec/exec-client.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { ExecCase } from '../harness.ts';
import { Gathered, shellWorld } from '../real-shell.ts';
import { waitUntilAsync } from '../wait-until-async.ts';

const alive = (pid: number) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

/** Terminals that this process has open; undefined where the system does not say. */
const openTerminals = () => {
	try {
		return readdirSync('/proc/self/fd').filter((fd) => {
			try {
				return /\/ptmx$/.test(readlinkSync(`/proc/self/fd/${fd}`));
			} catch {
				return false;
			}
		}).length;
	} catch {
		return undefined;
	}
};

/** How sessions begin, go on and end. */
export const lifeCases: readonly ExecCase[] = [
	{
		name: 'E8 Y7 a resize reaches the program or the handler, attached or not',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const session = await sh('trap "stty size" WINCH; echo ready; while :; do sleep 0.02; done');
			const seen = new Gathered(session);
			await seen.until('ready');
			await session.resize({ rows: 20, cols: 50 });
			await seen.until('20 50');
			session.detach();
			await session.ended;
			const { id } = session.session;
			await client.service.resize({ session: id, rows: 33, cols: 101 }, client.options);
			const again = new Gathered(await client.attach(id));
			await again.until('33 101');
			await client.service.close({ session: id }, client.options);
			// A handler that resizes by itself may refuse it, and has half a second.
			const { service, options } = client;
			for (const params of [{}, { stuck: 'yes' }]) {
				await service.create({ resource: 'own', id: Object.keys(params).join() || 'own', params }, options);
			}
			await service.resize({ session: 'own', rows: 3, cols: 4 }, options);
			await assert.rejects(service.resize({ session: 'own', rows: 7, cols: 4 }, options), {
				code: 'terminal_error',
			});
			await assert.rejects(service.resize({ session: 'stuck', rows: 3, cols: 4 }, options), {
				code: 'deadline_exceeded',
			});
		},
	},
	{
		name: 'Y10 Y12 how a program ended is told, and a command without a terminal has two outputs',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const piped = await sh('cat; echo err >&2; exit 3', false);
			const seen = new Gathered(piped);
			await piped.write(Buffer.from([0, 255, 13, 10, 128]));
			piped.endInput();
			await seen.done;
			assert.deepEqual([...seen.bytes], [0, 255, 13, 10, 128]);
			assert.equal(seen.stderr, 'err\n');
			assert.deepEqual(await piped.ended, { kind: 'closed', exit: { code: 3, signal: null } });
			const killed = await sh('kill -TERM $$');
			assert.deepEqual(await killed.ended, { kind: 'closed', exit: { code: null, signal: 'SIGTERM' } });
			const plain = await client.open({ resource: 'plain', tty: false, params: { say: 'hi' } });
			const said = new Gathered(plain);
			await said.done;
			assert.deepEqual([said.bytes.toString(), said.stderr], ['hi', 'oops']);
			assert.deepEqual(await plain.ended, { kind: 'closed', exit: { code: 4, signal: null } });
			await assert.rejects(client.open({ resource: 'nothing' }), { code: 'handler_not_found' });
			await assert.rejects(client.open({ resource: 'sh', command: ['no-such-program'] }), {
				code: 'terminal_error',
			});
		},
	},
	{
		name: 'Y11 a signal reaches what runs in the foreground, and the shell lives on',
		async run(harness) {
			const { client } = await shellWorld(harness);
			const session = await client.open({ resource: 'sh', command: ['bash', '--norc', '-i'] });
			const seen = new Gathered(session);
			await session.write(
				'sh -c \'trap "echo got-$((1+1))-it" USR1; echo rea""dy; while :; do sleep 0.1; done\'\n',
			);
			await seen.until('ready\r\n');
			assert.equal(await session.signal('USR1'), true);
			await seen.until('got-2-it');
			await session.signal('KILL');
			await session.write('echo al""ive; exit 5\n');
			await seen.until('alive\r\n');
			assert.deepEqual(await session.ended, { kind: 'closed', exit: { code: 5, signal: null } });
		},
	},
	{
		name: 'Y1 Y3 a session outlives the call and the connection that opened it, and its output is there',
		async run(harness) {
			const { world, client } = await shellWorld(harness);
			const gone = await world.connect('tester');
			const other = new ExecClient(gone, { plugin: 'shells' });
			const session = await other.open({
				resource: 'sh',
				id: 'stays',
				command: ['sh', '-c', 'echo one; read x; echo two'],
			});
			const seen = new Gathered(session);
			await seen.until('one');
			await gone.close();
			await waitUntilAsync(
				async () => (await client.service.get({ session: 'stays' }, client.options)).viewers === 0,
			);
			const again = await client.attach('stays', { from: session.position });
			const rest = new Gathered(again);
			await again.write('go\n');
			await rest.done;
			assert.match(seen.bytes.toString() + rest.bytes.toString(), /^one\r\ngo\r\ntwo\r\n$/);
		},
	},
	{
		name: 'Y19 a session is nobody else’s, and cannot be used by others',
		async run(harness) {
			const { world, client } = await shellWorld(harness);
			await client.service.create({ resource: 'sh', id: 'mine' }, client.options);
			const stranger = new ExecClient(await world.connect('stranger'), { plugin: 'shells' });
			assert.deepEqual((await stranger.service.list({}, stranger.options)).sessions, []);
			await assert.rejects(stranger.attach('mine'), { code: 'session_not_found' });
			await assert.rejects(stranger.service.close({ session: 'mine' }, stranger.options), {
				code: 'session_not_found',
			});
			await client.service.close({ session: 'mine' }, client.options);
		},
	},
	{
		name: 'E12 nothing runs any more when the plugin has stopped',
		async run(harness) {
			const { world, sh } = await shellWorld(harness);
			const session = await sh('trap "" HUP TERM; echo pid $$; while :; do sleep 1; done');
			const seen = new Gathered(session);
			await waitUntil(() => /pid \d+/.test(seen.bytes.toString()));
			const pid = Number(/pid (\d+)/.exec(seen.bytes.toString())?.[1]);
			assert.ok(alive(pid));
			const terminals = openTerminals();
			if (terminals !== undefined) assert.ok(terminals > 0);
			if (harness.name === 'embedded') await world.orchestrator.stop();
			else await harness.endCase();
			await waitUntil(() => !alive(pid));
			// All of them, since one of the case before may still have been about to close.
			if (terminals !== undefined) await waitUntil(() => openTerminals() === 0);
		},
	},
	{
		name: 'E15 E16 what can be opened is known, and ids reach the lines of the handler',
		async run(harness) {
			const { world, client } = await shellWorld(harness);
			const { resources } = await client.service.resources({}, client.options);
			assert.deepEqual(
				resources.map(({ plugin, resource, tty, session, command }) => [
					plugin,
					resource,
					tty,
					session,
					command,
				]),
				[
					['shells', 'sh', true, true, false],
					['shells', 'fails', true, false, false],
					['shells', 'own', true, false, false],
					['shells', 'plain', false, false, true],
				],
			);
			await client.service.create({ resource: 'sh', id: 'logged', resourceKey: 'pod-1' }, client.options);
			await waitUntil(() => world.log.some(({ message }) => message === 'begun'));
			const { fields } = world.log.find(({ message }) => message === 'begun') ?? {};
			assert.deepEqual(
				{ ...fields, seen: undefined },
				{ session: 'logged', caller: 'tester', resource: 'shells/sh', resourceKey: 'pod-1', seen: undefined },
			);
		},
	},
];

import assert from 'node:assert/strict';
import { ExecClient } from '../../../src/runtime/exec/exec-client.ts';
import { type ExecInput, execService } from '../../../src/runtime/services/exec-service.ts';
import { serviceClient } from '../../../src/runtime/services/service-client.ts';
import type { ExecCase } from '../harness.ts';
import { Gathered, shellWorld } from '../real-shell.ts';

/** What is refused, with which code, and that it harms nobody else. */
export const refusalCases: readonly ExecCase[] = [
	{
		name: 'E2 Y15 Y18 of callers that want one id one gets it, and what is no session is refused by its code',
		async run(harness) {
			const { client } = await shellWorld(harness);
			const { service, options } = client;
			const wanted = Array.from({ length: 8 }, () =>
				service.create({ resource: 'sh', id: 'one', command: ['sleep', '100'] }, options).then(
					() => 'won',
					({ code }: { code: string }) => code,
				),
			);
			const outcomes = (await Promise.all(wanted)).sort();
			assert.deepEqual(outcomes, [...Array(7).fill('session_exists'), 'won']);
			assert.equal((await service.list({}, options)).sessions.length, 1);
			for (const id of ['', 'a/b', '../x', 'x'.repeat(65)]) {
				await assert.rejects(service.create({ resource: 'sh', id }, options), { code: 'invalid_arguments' });
			}
			for (const [rows, cols] of [
				[0, 80],
				[24, 1e9],
				[-1, 80],
				[24, 1.5],
			] as const) {
				await assert.rejects(service.create({ resource: 'sh', rows, cols }, options), {
					code: 'invalid_arguments',
				});
				await assert.rejects(service.resize({ session: 'one', rows, cols }, options), {
					code: 'invalid_arguments',
				});
			}
			const none = { session: 'none' };
			const unknown = [
				() => service.get(none, options),
				() => service.close(none, options),
				() => service.detach(none, options),
				() => service.logs(none, options),
				() => service.resize({ ...none, rows: 1, cols: 1 }, options),
				() => service.signal({ ...none, signal: 'INT' }, options),
				() => client.attach('none'),
			];
			for (const ask of unknown) await assert.rejects(ask, { code: 'session_not_found' });
			await assert.rejects(service.signal({ session: 'one', signal: 'STOP' }, options), {
				code: 'invalid_arguments',
			});
			assert.deepEqual(
				(await service.list({}, options)).sessions.map(({ id, rows, cols }) => [id, rows, cols]),
				[['one', 27, 72]],
			);
			await service.close({ session: 'one' }, options);
		},
	},
	{
		name: 'Y13 Y19 of two viewers each has rights and an end of its own',
		async run(harness) {
			const { world, client } = await shellWorld(harness);
			const open = { resource: 'sh', id: 'shared', share: { guest: 'read' as const } };
			const owner = await client.open({ ...open, command: ['sh', '-c', 'stty -echo; printf R; exec cat'] });
			const seen = new Gathered(owner);
			await seen.until('R');
			const guest = new ExecClient(await world.connect('guest'), { plugin: 'shells' });
			await assert.rejects(guest.attach('shared'), { code: 'permission_denied' });
			const refused = { code: 'permission_denied' };
			const { service, options } = guest;
			await assert.rejects(service.close({ session: 'shared' }, options), refused);
			await assert.rejects(service.detach({ session: 'shared' }, options), refused);
			await assert.rejects(service.signal({ session: 'shared', signal: 'KILL' }, options), refused);
			await assert.rejects(service.resize({ session: 'shared', rows: 1, cols: 1 }, options), refused);
			const watching = await guest.attach('shared', { readOnly: true });
			const watched = new Gathered(watching);
			await watching.write('not me\n');
			await owner.write('one\n');
			// Whole lines: a terminal may give their ends by themselves.
			await Promise.all([seen.until('one\r\n'), watched.until('one\r\n')]);
			watching.detach();
			assert.deepEqual(await watching.ended, { kind: 'detached', reason: '' });
			await owner.write('two\n');
			await seen.until('two\r\n');
			assert.equal(watched.bytes.toString(), 'Rone\r\n');
			assert.equal(seen.bytes.toString(), 'Rone\r\ntwo\r\n');
			await client.service.close({ session: 'shared' }, client.options);
		},
	},
	{
		name: 'E7 a stream that says nonsense ends alone, and its sessions go on',
		async run(harness) {
			const { world, client, sh } = await shellWorld(harness);
			const session = await sh('stty -echo; printf R; exec cat');
			const seen = new Gathered(session);
			await seen.until('R');
			const { id } = session.session;
			const service = serviceClient(execService, world.connection);
			const nonsense = [
				{ op: 'attach', viewer: 'one', session: id },
				{ op: 'attach', viewer: 1 },
				{ op: 'open', viewer: 1 },
				{ op: 'dance', viewer: 1 },
				{ op: 'data', viewer: 1, data: 7 },
				{ op: 'credit', viewer: 1, bytes: -1 },
			];
			for (const message of nonsense) {
				async function* inputs(): AsyncGenerator<ExecInput, void> {
					if (!['attach', 'open'].includes(message.op)) yield { op: 'attach', viewer: 1, session: id };
					yield message as ExecInput;
					await session.ended;
				}
				await assert.rejects(
					async () => {
						for await (const _ of service.stream({}, inputs(), { plugin: 'shells' }));
					},
					{ code: 'malformed_message' },
					JSON.stringify(message),
				);
			}
			await session.write('still\n');
			await seen.until('still');
			await client.service.close({ session: id }, client.options);
		},
	},
];

import assert from 'node:assert/strict';
import { type ExecOutput, execService } from '../../../src/runtime/services/exec-service.ts';
import { serviceClient } from '../../../src/runtime/services/service-client.ts';
import type { ExecCase } from '../harness.ts';
import { Gathered, shellWorld } from '../real-shell.ts';

/** What comes at the end of a session, and in which order. */
export const endCases: readonly ExecCase[] = [
	{
		name: 'E10 E11 Y9 all output comes, then the error, then one close, and nothing after it',
		async run(harness) {
			const { world } = await shellWorld(harness);
			const service = serviceClient(execService, world.connection);
			const plugin = { plugin: 'shells' };
			let end = () => {};
			const ended = new Promise<void>((resolve) => {
				end = resolve;
			});
			const open = (viewer: number, params: Record<string, string>) =>
				({ op: 'open', viewer, open: { resource: 'fails', id: `s${viewer}`, params } }) as const;
			const heard: Exclude<ExecOutput, { event: 'ready' }>[] = [];
			async function* inputs() {
				yield open(1, {});
				yield open(2, { plain: 'yes' });
				yield open(3, { quietly: 'yes' });
				await ended;
			}
			let closed = 0;
			for await (const output of service.stream({}, inputs(), plugin)) {
				if (output.event === 'ready') continue;
				heard.push(output);
				if (output.event !== 'close') continue;
				// It is gone before it is said.
				await assert.rejects(service.get({ session: `s${output.viewer}` }, plugin), {
					code: 'session_not_found',
				});
				if (++closed === 3) end();
			}
			const of = (viewer: number) => heard.filter((output) => output.viewer === viewer);
			const events = (viewer: number) =>
				of(viewer)
					.map(({ event }) => event)
					.join(' ')
					.replace(/(data )+/, 'data ');
			assert.equal(events(1), 'attached data error close');
			assert.equal(events(2), 'attached data error close');
			assert.equal(events(3), 'attached data close');
			for (const viewer of [1, 2, 3]) {
				const data = of(viewer).map((output) => (output.event === 'data' ? output.data : ''));
				assert.equal(Buffer.from(data.join(''), 'base64').toString(), 'last words\r\n');
			}
			const errors = heard.flatMap((output) => (output.event === 'error' ? [output.error] : []));
			assert.deepEqual(
				errors.sort((a, b) => a.title.localeCompare(b.title)),
				[
					{
						title: 'No pod',
						message: 'it is gone',
						suggestion: 'Wait.',
						retryable: false,
						retryCommands: ['sh'],
					},
					{
						title: 'Session failed',
						message: 'boom',
						suggestion: 'The exec session terminated unexpectedly.',
						retryable: true,
					},
				],
			);
		},
	},
	{
		name: 'E9 a viewer has heard the close before closing is done, and a second close finds nothing',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const session = await sh('echo here; exec sleep 100');
			const seen = new Gathered(session);
			await seen.until('here');
			const { id } = session.session;
			const order: string[] = [];
			await Promise.all([
				session.ended.then(() => order.push('heard')),
				session.close().then(() => order.push('done')),
			]);
			assert.deepEqual(order, ['heard', 'done']);
			await assert.rejects(client.service.close({ session: id }, client.options), {
				code: 'session_not_found',
			});
		},
	},
];

import type { Attachment } from '../../src/runtime/exec/attachment.ts';
import { ExecClient } from '../../src/runtime/exec/exec-client.ts';
import { ExecError } from '../../src/runtime/exec/exec-error.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Harness } from './harness.ts';

/** Programs of this machine, on real terminals and pipes. */
export const realShell = createPlugin('shells')
	.registerExec(
		{
			resource: 'sh',
			defaultCommand: ['sh'],
			tty: ({ command }, terminal, ctx) => {
				ctx.log.info('begun', { seen: ctx.requestId !== '' });
				return terminal.run({ command, env: { PATH: process.env.PATH, PS1: '$ ' } });
			},
			session: ({ command }, terminal) => terminal.run({ command }),
		},
		{
			resource: 'fails',
			tty: async ({ params }, terminal, ctx) => {
				const error = params.plain
					? new Error('boom')
					: new ExecError('No pod', { message: 'it is gone', suggestion: 'Wait.', retryCommands: ['sh'] });
				// The program has ended, and so has its output, when the error is told.
				const program = await terminal.run({ command: ['sh', '-c', 'echo last words'] });
				void program.ended.then(() => ctx.stop(params.quietly ? undefined : error));
			},
		},
		{
			resource: 'own',
			tty: () => {},
			resize: ({ rows }, { params }) => {
				if (params.stuck) return new Promise(() => {});
				if (rows === 7) throw new ExecError('Not seven');
				return undefined;
			},
		},
		{ resource: 'plain', command: ({ params }) => ({ stdout: `${params.say}`, stderr: 'oops', code: 4 }) },
	)
	.build();

/** A world with it, and a client. */
export async function shellWorld(harness: Harness) {
	const world = await harness.world([realShell]);
	const client = new ExecClient(world.connection, { plugin: 'shells' });
	const sh = (command: string, tty = true) =>
		client.open({ resource: 'sh', tty, command: ['sh', '-c', command] });
	return { world, client, sh };
}

/** Gathers what an attachment gets. */
export class Gathered {
	readonly pieces: Buffer[] = [];
	stderr = '';
	missed = 0;
	readonly done: Promise<void>;
	#text = '';

	constructor(attachment: Attachment) {
		this.done = (async () => {
			for await (const { target, data, missed } of attachment.output) {
				this.missed += missed;
				if (target === 'stderr') this.stderr += data.toString();
				else {
					this.pieces.push(data);
					this.#text = (this.#text + data.toString('latin1')).slice(-100_000);
				}
			}
		})();
	}

	get bytes(): Buffer {
		return Buffer.concat(this.pieces);
	}

	until(text: string): Promise<void> {
		return waitUntil(() => this.#text.includes(text));
	}
}

import type { Attachment } from '../../src/runtime/exec/attachment.ts';
import { ExecClient } from '../../src/runtime/exec/exec-client.ts';
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
		return waitUntil(() => this.#text.includes(text), 20_000);
	}
}

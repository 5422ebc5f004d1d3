import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { execPlaces, findResource } from '../cli/exec/exec-place.ts';
import { formatResources, formatSessions } from '../cli/exec/format-sessions.ts';
import { exitCodeOfEnd, watchOnPipes, watchOnTerminal } from '../cli/exec/watch-session.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { type TargetSession, withTarget } from '../cli/with-target.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

export default class Exec extends BaseCommand {
	static override summary = 'Open a terminal, or run a command, on what a plugin gives them on.';
	static override description =
		'Ctrl-] leaves the session, which goes on where the plugin does: `exec attach` comes back. Ends with the exit code of the command.\n\n' +
		'Without a resource the only one is taken; without a command, the resource’s own.';
	static override examples = [
		'<%= config.bin %> exec examples/terminal',
		'<%= config.bin %> exec tcp://127.0.0.1:50101 shell -- htop',
		'tar cz . | <%= config.bin %> exec examples/terminal -T -- tar tz',
		'<%= config.bin %> exec tcp://127.0.0.1:50101 --list',
	];
	static override args = {
		target: Args.string({ description: 'Where the plugin is: a path, an id or an address.', required: true }),
		resource: Args.string({ description: 'RESOURCE, or PLUGIN/RESOURCE.' }),
	};
	static override flags = {
		'no-tty': Flags.boolean({
			char: 'T',
			description:
				'Without a terminal: stdin, stdout and stderr are pipes. [default: where stdin or stdout is none]',
		}),
		list: Flags.boolean({ description: 'Show the sessions that run, and what they can be opened on.' }),
		id: Flags.string({ description: 'The id of the session. [default: one is made]', helpValue: 'ID' }),
		detached: Flags.boolean({ char: 'd', description: 'Open it and leave it: print its id.' }),
		param: Flags.string({ description: 'A param of the session.', helpValue: 'NAME=VALUE', multiple: true }),
		key: Flags.string({ description: 'Which of the resources.', helpValue: 'KEY' }),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const end = this.argv.indexOf('--');
		const command = end === -1 ? [] : this.argv.slice(end + 1);
		const { args, flags } = await this.parse(Exec, end === -1 ? this.argv : this.argv.slice(0, end));
		const json = this.jsonEnabled();
		if (flags.list) return withTarget(args.target, { ...flags, json }, (session) => this.#list(session));
		const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && !json;
		const tty = flags['no-tty'] ? false : flags.detached || terminal;
		let id = '';
		const code = await withTarget(args.target, { ...flags, json }, async (session) => {
			const { signal, timeoutMs } = session;
			const { client, resource } = await findResource(session, args.resource);
			const { rows, columns: cols } = process.stdout;
			const open = {
				plugin: resource.plugin,
				resource: resource.resource,
				tty,
				command,
				params: Object.fromEntries((flags.param ?? []).map(nameAndValue)),
				...(flags.id ? { id: flags.id } : {}),
				...(flags.key ? { resourceKey: flags.key } : {}),
				...(tty && terminal && rows > 0 && cols > 0 ? { rows, cols } : {}),
			};
			if (flags.detached) {
				const info = await client.service.create(open, { ...client.options, signal, timeoutMs });
				this.result(info, () => info.id);
				return 0;
			}
			const attachment = await client.open(open);
			({ id } = attachment.session);
			const watch = tty && terminal ? watchOnTerminal : watchOnPipes;
			const ended = await watch(attachment, {
				signal,
				readOnly: false,
				ends: session.target.how !== 'connected',
			});
			if (ended.kind === 'detached') this.note(detachedNote(id, ended.reason, session.target.how));
			await client.close();
			return exitCodeOfEnd(ended, id);
		});
		if (code !== 0) this.exit(code);
		return undefined;
	}

	async #list(session: TargetSession): Promise<unknown> {
		const { signal, timeoutMs } = session;
		const places = await execPlaces(session);
		const lists = await Promise.all(
			places.map(({ client }) => client.service.list({}, { ...client.options, signal, timeoutMs })),
		);
		const sessions = lists.flatMap((list) => list.sessions);
		const resources = places.flatMap((place) => place.resources);
		return this.result(
			{ sessions, resources },
			() => `${formatSessions(sessions)}\n\n${formatResources(resources)}`,
		);
	}
}

function detachedNote(id: string, reason: string, how: string): string {
	const left = reason === '' ? `left session ${id}` : `left session ${id}: ${reason}`;
	return how === 'connected'
		? `${left}; it goes on`
		: `${left}; it ends with the plugin, which this command started`;
}

function nameAndValue(text: string): [string, string] {
	const at = text.indexOf('=');
	if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
	throw new OrchestraError('usage', `--param ${text} has no name`, { hint: 'Write NAME=VALUE.' });
}

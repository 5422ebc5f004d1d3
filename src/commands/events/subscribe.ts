import { Args, Flags } from '@oclif/core';
import { administrationFlags, withServer } from '../../cli/administered.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { checkDuration } from '../../cli/duration-flag.ts';
import { exitCodes } from '../../cli/exit-code.ts';
import { formatEvent } from '../../cli/format-event.ts';
import { parseDuration } from '../../cli/parse-duration.ts';
import { readEventFilters } from '../../cli/read-event-filters.ts';
import { writeStdout } from '../../cli/stdout.ts';
import { assertTerminal, hasTerminal } from '../../cli/terminal-check.ts';
import { tuiFlag } from '../../cli/tui-flag.ts';
import { visibleLine } from '../../cli/visible-text.ts';
import type { EventStream } from '../../runtime/client/event-stream.ts';
import { createClient } from '../../runtime/client/plugin-client.ts';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class EventsSubscribe extends BaseCommand {
	static override summary = 'Show the events of a running server as they come, one a line.';
	static override description =
		'A topic may be a pattern: * stands for one part, ** for any number of parts; put it in quotes. It runs until Ctrl-C, and exits ' +
		'130 then. With --count it exits 0 after so many events, and 6 where --timeout passes before; with --timeout alone it exits 0 ' +
		'when that is over. A reader that is behind misses events, and is told how many.';
	static override examples = [
		"<%= config.bin %> events subscribe 'weather.*' --filter city=Oslo",
		'<%= config.bin %> events subscribe deploy.done --count 1 --timeout 10m --json',
	];
	static override usage = 'events subscribe TOPIC... [FLAGS]';
	static override strict = false;
	static override args = {
		topic: Args.string({
			description: 'A topic or a pattern of topics; several may be named.',
			required: true,
		}),
	};
	static override flags = {
		...administrationFlags,
		filter: Flags.string({
			description: 'A string field that the payload must have; several must all fit.',
			helpValue: 'FIELD=VALUE',
			multiple: true,
			multipleNonGreedy: true,
		}),
		replay: Flags.integer({
			description: 'Begin with so many of the last events of each topic; the server keeps 16.',
			default: 0,
			min: 0,
			max: 1000,
		}),
		count: Flags.integer({ description: 'Stop after so many events.', min: 1 }),
		tui: tuiFlag(
			'Take the whole terminal. [default: on a terminal, without --json, --count, --timeout and CI]',
		),
		timeout: Flags.string({
			description: 'How long to listen: 500ms, 5s, 2m. [default: until Ctrl-C]',
			helpValue: 'DURATION',
			parse: checkDuration,
		}),
	};

	async run(): Promise<void> {
		const { flags, argv } = await this.parse(EventsSubscribe);
		const topics = argv as string[];
		for (const topic of topics) topicPattern(topic);
		const filters = readEventFilters(flags.filter ?? []);
		const { count = Number.POSITIVE_INFINITY, replay } = flags;
		const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
		const ends = flags.count !== undefined || timeoutMs !== undefined;
		if (flags.tui ?? (hasTerminal() && !this.jsonEnabled() && !ends)) {
			assertTerminal(
				'events subscribe --tui',
				'Leave --tui out: each event is a line then.',
				this.jsonEnabled(),
			);
			await this.showAll(flags, { topics, filters, replay });
			return;
		}
		// The connect has a time of its own.
		await withServer({ ...flags, timeout: undefined }, async ({ connection, signal }) => {
			const events = createClient(connection).events(topics, { filters, replay, signal, timeoutMs });
			try {
				await events.ready();
				this.note(`listening to ${topics.map(visibleLine).join(', ')}`);
				await this.show(events, count);
			} catch (error) {
				// Ctrl-C is how listening ends, and no error.
				if (signal.aborted) this.exit(exitCodes.interrupted);
				const over = error instanceof OrchestraError && error.code === 'deadline_exceeded';
				// Without a number to wait for, it has done what it was asked for.
				if (!over || flags.count !== undefined) throw error;
			}
		});
	}

	/** Shows them on the whole terminal, with whatever else the server tells. */
	private async showAll(
		flags: Parameters<typeof withServer>[0],
		events: { topics: readonly string[]; filters: Record<string, string>; replay: number },
	): Promise<void> {
		const end = await withServer(flags, async ({ connection, reconnect, signal }) => {
			const { runTui, ServerFeed } = await import('../../tui/index.ts');
			const feed = new ServerFeed({ title: connection.peer.address, connection, reconnect, events });
			return runTui({ feed, signal, pane: 'events' });
		});
		if (end !== 'quit') this.exit(exitCodes.interrupted);
	}

	private async show(events: EventStream, count: number): Promise<void> {
		const json = this.jsonEnabled();
		let left = count;
		for await (const event of events) {
			if (event.missed > 0) this.note(`${event.missed} events were missed here: this reader was behind`);
			const line = json ? JSON.stringify(event) : formatEvent(event);
			if (!(await writeStdout(`${line}\n`)) || --left <= 0) return;
		}
	}
}

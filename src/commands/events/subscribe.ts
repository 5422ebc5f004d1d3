import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { checkDuration, parseDuration } from '../../cli/duration.ts';
import { readEventFilters } from '../../cli/event-filters.ts';
import { formatEvent } from '../../cli/format-event.ts';
import { serverFlags, withRunningServer } from '../../cli/running-server.ts';
import { writeStdout } from '../../cli/stdout.ts';
import { visibleLine } from '../../cli/visible-text.ts';
import type { EventStream } from '../../runtime/client/event-stream.ts';
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
		...serverFlags,
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
		await withRunningServer(flags, undefined, async ({ client, signal }) => {
			const events = client.events(topics, { filters, replay, signal, timeoutMs });
			try {
				await events.ready();
				this.note(`listening to ${topics.map(visibleLine).join(', ')}`);
				await this.show(events, count);
			} catch (error) {
				const over = error instanceof OrchestraError && error.code === 'deadline_exceeded';
				// Without a number to wait for, it has done what it was asked for.
				if (!over || flags.count !== undefined) throw error;
			}
		});
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

import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { McpFront } from '../mcp-front.ts';
import { type OwnTool, ownTool } from './own-tool.ts';

/** Seconds that a wait for an event takes where nothing is said, and at most: many clients give up after 60. */
const defaultWaitSeconds = 30;
const maxWaitSeconds = 300;

/** It is listed where a plugin publishes something. */
export const waitForEvent = 'wait_for_event';

/** A tool that waits for the next event. */
export function eventTools(front: McpFront): OwnTool[] {
	return [
		ownTool(
			{
				name: waitForEvent,
				description:
					'Wait for the next event of a topic, or of a pattern of topics such as weather.*; answers with timed_out where none comes.',
				inputSchema: {
					type: 'object',
					properties: {
						topic: { type: 'string' },
						timeout_seconds: {
							type: 'number',
							exclusiveMinimum: 0,
							maximum: maxWaitSeconds,
							default: defaultWaitSeconds,
						},
					},
					required: ['topic'],
				},
				annotations: { readOnlyHint: true },
			},
			async ({ topic, timeout_seconds = defaultWaitSeconds }, signal) => {
				const ends = AbortSignal.timeout(Number(timeout_seconds) * 1000);
				const events = front.client.events(String(topic), { signal: AbortSignal.any([signal, ends]) });
				try {
					for await (const { payload, time, eventType, topic, source } of events) {
						return { topic, event_type: eventType, time: time.toISOString(), source, payload } as JsonObject;
					}
				} catch (error) {
					if (!ends.aborted || signal.aborted) throw error;
				} finally {
					await events.return();
				}
				return { timed_out: true };
			},
		),
	];
}

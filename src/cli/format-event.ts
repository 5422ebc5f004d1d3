import type { ReceivedEvent } from '../runtime/client/event-stream.ts';
import { style } from './style.ts';
import { visibleJson, visibleLine } from './visible-text.ts';

/** An event on one line, for people. */
export function formatEvent({ time, topic, eventType, source, payload }: ReceivedEvent): string {
	const clock = new Date(time).toISOString().slice(11, 23);
	const words = [style.dim(clock), style.bold(visibleLine(topic))];
	if (eventType !== '') words.push(visibleLine(eventType));
	if (source !== '') words.push(style.dim(`from ${visibleLine(source)}`));
	if (Object.keys(payload).length > 0) words.push(visibleJson(JSON.stringify(payload)));
	return words.join(' ');
}

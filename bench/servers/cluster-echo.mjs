// The plugin of the node that answers and hears.
import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';
import { eventTopic } from '../cluster-workload.mjs';
import { echo, pluginId } from '../workload.mjs';

const heard = new Set();
/** @type {{ count: number, done: () => void }[]} */
let waiting = [];

export default createPlugin(pluginId)
	.registerTool(
		'echo',
		{
			description: 'Gives back what it got.',
			input: z.object({ text: z.string(), count: z.number().int() }),
		},
		echo,
	)
	.registerTool(
		'heard',
		{ description: 'Answers when so many events were heard.', input: z.object({ count: z.number().int() }) },
		({ count }) =>
			new Promise((resolve) => {
				waiting.push({ count, done: () => resolve({ count: heard.size }) });
				tell();
			}),
	)
	.subscribe(eventTopic, ({ payload }) => {
		heard.add(payload.n);
		tell();
	})
	.build();

function tell() {
	for (const { count, done } of waiting) if (heard.size >= count) done();
	waiting = waiting.filter(({ count }) => heard.size < count);
}

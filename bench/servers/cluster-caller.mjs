// The plugin of the node that calls and publishes: it measures, and answers with the figures.
import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';
import { closedLoop } from '../clients/closed-loop.mjs';
import { eventText, eventTopic, publishAll } from '../cluster-workload.mjs';
import { textOf } from '../workload.mjs';

const number = z.number().int().positive();

export default createPlugin('bench.caller')
	.needsTools('echo', 'heard')
	.registerTool(
		'load',
		{
			description: 'Calls echo.',
			input: z.object({ bytes: number, concurrency: number, milliseconds: number, maxCalls: number }),
		},
		async ({ bytes, ...load }, { callTool }) => {
			const call = (/** @type {string} */ text, /** @type {number} */ count) =>
				callTool('echo', { text, count });
			return { ...(await closedLoop(/** @type {any} */ (call), { text: textOf(bytes), ...load })) };
		},
	)
	.registerTool(
		'publish',
		{ description: 'Publishes events, and waits until all were heard.', input: z.object({ count: number }) },
		async ({ count }, { callTool, publish }) => {
			const begin = performance.now();
			await publishAll(count, (n) => publish(eventTopic, { n, text: eventText }));
			await callTool('heard', { count });
			const seconds = (performance.now() - begin) / 1000;
			return { eventsPerSecond: count / seconds, seconds };
		},
	)
	.build();

import { setTimeout as sleep } from 'node:timers/promises';
import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Counts down.')
	.registerStreamingTool(
		'countdown',
		{
			description: 'Counts down to zero, one number at a time.',
			input: z.object({
				from: z.number().int().min(0).max(1_000_000).default(5).describe('Where to begin'),
				intervalMs: z
					.number()
					.int()
					.min(0)
					.max(60_000)
					.default(200)
					.describe('Milliseconds between two numbers'),
			}),
		},
		// Each yield sends one chunk: an object as JSON, a string as text, a Uint8Array as it is. The next number is asked for
		// only when the reader has room, so a slow reader slows this loop down and nothing piles up.
		async function* ({ from, intervalMs }, { signal, log }) {
			try {
				for (let left = from; left > 0; left--) {
					yield { left };
					// `signal` aborts when the reader leaves, its deadline passes or the plugin stops. Pass it to whatever waits.
					await sleep(intervalMs, undefined, { signal });
				}
				yield 'lift-off';
			} finally {
				// Runs however the stream ends: the place to close files and connections.
				log.debug('the countdown is over', { cancelled: signal.aborted });
			}
		},
	)
	.build();

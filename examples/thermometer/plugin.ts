import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';

/** Above this it is hot. */
const hotCelsius = 60;

/** Alarms so far, the newest last; at most a hundred. */
const alarms: { place: string; celsius: number }[] = [];

export default createPlugin('thermometer')
	.version('1.0.0')
	.description('Tells others about temperatures: an example of events.')
	.providesEvents('temperature')
	.registerTool(
		'report_temperature',
		{
			description: 'Tells every plugin that listens how warm it is somewhere.',
			input: z.object({
				place: z.string().min(1).describe('Where'),
				celsius: z.number().min(-273.15).describe('How warm, in °C'),
			}),
		},
		async ({ place, celsius }, { publish }) => {
			const level = celsius > hotCelsius ? 'hot' : 'normal';
			await publish('temperature', { place, celsius, level }, { eventType: 'measured' });
			return { level };
		},
	)
	.registerTool('list_alarms', { description: 'The alarms so far, the newest last.' }, () => alarms)
	// Only the events whose payload says so. They come one at a time, in the order in which they were published.
	.subscribe('temperature', { filters: { level: 'hot' } }, ({ payload: { place, celsius } }, { log }) => {
		// An event comes from elsewhere: look before you trust what is in it.
		if (typeof place !== 'string' || typeof celsius !== 'number') return;
		alarms.push({ place, celsius });
		if (alarms.length > 100) alarms.shift();
		log.warn('it is hot', { place, celsius });
	})
	.build();

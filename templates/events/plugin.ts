import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';

/** How many tasks each person has finished. */
const finished = new Map<string, number>();

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Tells everybody about tasks, and keeps the score.')
	.providesEvents('tasks', 'scores')
	.registerTool(
		'report',
		{
			description: 'Tells every plugin that listens what became of a task.',
			input: z.object({
				task: z.string().min(1).describe('The name of the task'),
				person: z.string().min(1).default('somebody').describe('Who works on it'),
				state: z.enum(['started', 'finished']).default('finished').describe('What became of it'),
			}),
		},
		async ({ task, person, state }, { publish }) => {
			// Resolves when the host has the event. It does not wait for those who hear it.
			await publish('tasks', { task, person, state }, { eventType: `task.${state}` });
			return { told: 'tasks', state };
		},
	)
	.registerTool('score', { description: 'How many tasks each person has finished.' }, () => ({
		score: Object.fromEntries(finished),
	}))
	// Events of this topic, whichever plugin they are from: one at a time, in order, and only those whose payload has the
	// fields in `filters`.
	.subscribe(
		'tasks',
		{ filters: { state: 'finished' } },
		async ({ payload: { person } }, { log, publish }) => {
			// An event comes from elsewhere: look before you trust what is in it.
			if (typeof person !== 'string') return;
			const count = (finished.get(person) ?? 0) + 1;
			finished.set(person, count);
			log.info('a task is finished', { person, count });
			await publish('scores', { person, count });
		},
	)
	.build();

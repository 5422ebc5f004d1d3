import { ok, rejects, strictEqual } from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.ts';
import type { NotifierClient } from './notifier-seam.ts';

/** Behaviour of every implementation of {@link notifierSeam}. It tells whoever is there: use a place for tests. */
export const notifierSuite: readonly ConformanceCase<NotifierClient>[] = [
	{
		name: 'C6 it says its name, the same each time',
		async run(notifier) {
			const { name } = await notifier.name();
			ok(name.length > 0);
			strictEqual((await notifier.name()).name, name);
		},
	},
	{
		name: 'it takes every type of notification, whole and with what has to be there only',
		async run(notifier) {
			for (const type of [
				'component_down',
				'component_degraded',
				'component_recovered',
				'flag_changed',
			] as const) {
				await notifier.notify({ type, title: `a test of ${type}` });
			}
			await notifier.notify({
				type: 'component_down',
				title: 'a test',
				message: 'nothing has happened',
				component: 'test',
				from: 'operational',
				to: 'down',
				at: 0,
			});
		},
	},
	{
		name: 'what is no notification is refused, and it answers on',
		async run(notifier) {
			await rejects(notifier.notify({ type: 'nothing', title: 'x' } as never), { code: 'invalid_arguments' });
			await rejects(notifier.notify({ type: 'flag_changed' } as never), { code: 'invalid_arguments' });
			await notifier.notify({ type: 'flag_changed', title: 'a test' });
		},
	},
];

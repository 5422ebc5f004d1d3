import { jsonSchema } from '../json-schema.ts';
import { nameMethod } from '../named-seam.ts';
import { defineSeam } from '../seam.ts';
import type { SeamClient, SeamImplementation } from '../seam-method.ts';
import { healthStates } from '../store/records.ts';
import type { Notification } from './notification.ts';

const text = { type: 'string' };
const state = { enum: [...healthStates] };

/** The seam `notifier`: whoever is told of what has happened, and tells others. */
export const notifierSeam = defineSeam('notifier', {
	version: 1,
	methods: {
		name: nameMethod,
		notify: {
			input: jsonSchema<Notification>({
				type: 'object',
				required: ['type', 'title'],
				properties: {
					type: { enum: ['component_down', 'component_degraded', 'component_recovered', 'flag_changed'] },
					title: text,
					message: text,
					component: text,
					flag: text,
					from: state,
					to: state,
					at: { type: 'number' },
				},
			}),
		},
	},
});

/** Implementation of {@link notifierSeam}. */
export type Notifier = SeamImplementation<(typeof notifierSeam)['methods']>;

/** Client of one, for a host. */
export type NotifierClient = SeamClient<(typeof notifierSeam)['methods']>;

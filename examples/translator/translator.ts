import { defineSeam } from 'orchestra-toolchain/seams';
import { z } from 'zod';

const language = z.enum(['de', 'no']).describe('The language to translate into');

/** What hosts and plugins agree on: both import this file, and neither knows the other. */
export const translator = defineSeam('translator', {
	version: 1,
	methods: {
		translate: {
			input: z.object({ word: z.string().min(1), language }),
			output: z.object({ word: z.string() }),
		},
		// One word after the other, as they come: for whoever has many.
		translateAll: {
			kind: 'bidirectional',
			input: z.object({ word: z.string().min(1), language }),
			output: z.object({ word: z.string() }),
		},
	},
});

import { jsonSchema } from '../json-schema.ts';
import { defineSeam } from '../seam.ts';
import { checkSchema, componentSchema, flagSchema, key } from './record-schemas.ts';
import type { Check, Component, Flag } from './records.ts';

const listOf = (name: string, items: typeof flagSchema | typeof componentSchema | typeof checkSchema) => ({
	type: 'object',
	required: [name],
	properties: { [name]: { type: 'array', items } },
});

const byKey = jsonSchema<{ readonly key: string }>({
	type: 'object',
	required: ['key'],
	properties: { key },
});
const byComponent = jsonSchema<{ readonly component: string }>({
	type: 'object',
	required: ['component'],
	properties: { component: key },
});
const flag = jsonSchema<Flag>(flagSchema);
const component = jsonSchema<Component>(componentSchema);
const check = jsonSchema<Check>(checkSchema);

/**
 * The seam `store`: flags, components and their checks. To look up, update or delete what is not there is `not_found`; to create what is
 * there, `conflict`. Lists are ordered by key. An update keeps `createdAt` and sets `updatedAt`. Deleting a component deletes its checks.
 */
export const storeSeam = defineSeam('store', {
	version: 1,
	methods: {
		createFlag: { input: flag },
		getFlag: { input: byKey, output: flag },
		listFlags: { output: jsonSchema<{ readonly flags: readonly Flag[] }>(listOf('flags', flagSchema)) },
		updateFlag: { input: flag },
		deleteFlag: { input: byKey },
		createComponent: { input: component },
		getComponent: { input: byKey, output: component },
		listComponents: {
			output: jsonSchema<{ readonly components: readonly Component[] }>(
				listOf('components', componentSchema),
			),
		},
		updateComponent: { input: component },
		deleteComponent: { input: byKey },
		recordCheck: { input: check },
		/** The latest by `checkedAt`; of two at one time the one that was recorded last. */
		latestCheck: { input: byComponent, output: check },
		/** One for each component that has any, ordered by component. */
		latestChecks: {
			output: jsonSchema<{ readonly checks: readonly Check[] }>(listOf('checks', checkSchema)),
		},
		ping: {},
	},
});

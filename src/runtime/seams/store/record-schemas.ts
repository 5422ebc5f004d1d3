import { healthStates } from './records.ts';

const text = { type: 'string' };
const time = { type: 'number' };
/** The key of a record. */
export const key = { type: 'string', minLength: 1 };

/** A flag, as JSON Schema. */
export const flagSchema = {
	type: 'object',
	required: ['key', 'enabled'],
	properties: {
		key,
		description: text,
		enabled: { type: 'boolean' },
		scope: text,
		rollout: { type: 'number', minimum: 0, maximum: 100 },
		variants: {
			type: 'array',
			items: {
				type: 'object',
				required: ['key', 'value', 'weight'],
				properties: { key: text, value: text, weight: { type: 'number' } },
			},
		},
		cohort: text,
		experiment: text,
		createdAt: time,
		updatedAt: time,
	},
};

/** A component, as JSON Schema. */
export const componentSchema = {
	type: 'object',
	required: ['key'],
	properties: {
		key,
		name: text,
		description: text,
		provider: text,
		config: { type: 'object', additionalProperties: text },
		createdAt: time,
		updatedAt: time,
	},
};

/** A check, as JSON Schema. */
export const checkSchema = {
	type: 'object',
	required: ['component', 'state'],
	properties: {
		component: key,
		state: { type: 'string', enum: [...healthStates] },
		message: text,
		latencyMs: { type: 'number' },
		checkedAt: time,
	},
};

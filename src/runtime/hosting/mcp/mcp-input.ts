import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { InputSchema } from '../../plugin/input/input-schema.ts';
import type { JsonObject } from '../../wire/json-value.ts';

/**
 * The arguments of a tool of an MCP server, checked here as everywhere, so that a fault names its field. A null for what may be left out is
 * left out: many clients write one, and few schemas allow it.
 */
export function mcpInput(input: InputSchema): StandardSchemaV1<JsonObject, JsonObject> {
	const optional = optionalFields(input.jsonSchema);
	return {
		'~standard': {
			version: 1,
			vendor: 'orchestra',
			async validate(value) {
				const args = Object.fromEntries(
					Object.entries(value as JsonObject).filter(([key, field]) => field !== null || !optional.has(key)),
				);
				const { faults, value: checked } = await input.validate(args);
				if (!faults) return { value: checked as JsonObject };
				return {
					issues: faults.map(({ pointer, message }) => ({
						message,
						path: pointer
							.split('/')
							.slice(1)
							.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
					})),
				};
			},
		},
	};
}

/** Fields that may be left out, and may not be null. */
function optionalFields({ properties, required }: JsonObject): ReadonlySet<string> {
	if (typeof properties !== 'object' || properties === null) return new Set();
	const needed = new Set(Array.isArray(required) ? required : []);
	const optional = Object.entries(properties as Record<string, { type?: unknown } | null>).filter(
		([key, field]) => !needed.has(key) && typeof field?.type === 'string' && field.type !== 'null',
	);
	return new Set(optional.map(([key]) => key));
}

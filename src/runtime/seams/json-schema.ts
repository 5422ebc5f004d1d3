import type { StandardSchemaV1 } from '@standard-schema/spec';
import { jsonSchemaInput } from '../plugin/input/json-schema-input.ts';
import type { JsonObject } from '../wire/json-value.ts';

/**
 * A Standard Schema made of a JSON Schema, for seams without a schema library; `Value` is what its author knows of it.
 *
 * @throws OrchestraError `invalid_schema` where it cannot be the schema of an object
 */
export function jsonSchema<Value extends object>(schema: JsonObject): StandardSchemaV1<Value, Value> {
	const input = jsonSchemaInput('a method of a seam', schema);
	return {
		'~standard': {
			version: 1,
			vendor: 'orchestra',
			async validate(value) {
				if (typeof value !== 'object' || value === null || Array.isArray(value)) {
					return { issues: [{ message: 'must be an object' }] };
				}
				const result = await input.validate(value as JsonObject);
				if (!result.faults) return { value: result.value as Value };
				return {
					issues: result.faults.map(({ pointer, message }) => ({
						message,
						path: pointer
							.split('/')
							.slice(1)
							.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
					})),
				};
			},
		},
	};
}

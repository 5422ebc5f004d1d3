import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Fault } from '../plugin/input/fault.ts';
import { jsonPointer } from '../wire/not-json.ts';

/**
 * Result of a schema for a value; without a schema only an empty object passes.
 *
 * @param failure the error of a value that does not fit
 */
export async function checkValue(
	schema: StandardSchemaV1 | undefined,
	value: unknown,
	failure: (faults: readonly Fault[]) => Error,
): Promise<unknown> {
	if (!schema) return {};
	const result = await schema['~standard'].validate(value);
	if (!result.issues) return result.value;
	throw failure(
		result.issues.map(({ path = [], message }) => {
			const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
			return { pointer: jsonPointer(keys, keys.length), message };
		}),
	);
}

import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** One thing that is wrong with the arguments of a call. */
export interface Fault {
	/** The JSON pointer of the value; empty for the arguments as a whole. */
	readonly pointer: string;
	/** Fault of the value, to be read after the pointer. */
	readonly message: string;
}

/** Faults that a message spells out; all of them are in its details. */
const spelledOut = 3;

/** Faults that travel with an error. */
const mostFaults = 32;

/** The `invalid_arguments` error of a call. `details.faults` holds at most 32 faults; `details.faultCount` counts them all. */
export function invalidArguments(subject: string, faults: readonly Fault[]): OrchestraError {
	const texts = faults
		.slice(0, spelledOut)
		.map((fault) => (fault.pointer === '' ? fault.message : `${fault.pointer} ${fault.message}`));
	const more = faults.length - texts.length;
	if (more > 0) texts.push(`and ${more} more`);
	const details: JsonObject = {
		faults: faults.slice(0, mostFaults).map(({ pointer, message }) => ({ pointer, message })),
		faultCount: faults.length,
	};
	return new OrchestraError(
		'invalid_arguments',
		`${subject} cannot take these arguments: ${texts.join('; ')}`,
		{
			details,
			hint: 'Its input schema says what it takes: `orchestra inspect` shows it.',
		},
	);
}

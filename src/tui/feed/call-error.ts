import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import type { CallError } from './feed-message.ts';

/** Errors underneath an error that are told, at most. */
const mostCauses = 8;

/** An error as a call's facts have it. */
export function callErrorOf(error: OrchestraError): CallError {
	const { code, message, hint, details } = error;
	const causes: string[] = [];
	let { cause } = error;
	while (cause instanceof Error && causes.length < mostCauses) {
		const text = messageOf(cause);
		if (text !== message) causes.push(text);
		cause = cause.cause;
	}
	return { code, message, hint, details, ...(causes.length > 0 ? { causes } : {}) };
}

import { type ErrorCode, errorCodes } from '../wire/error-code.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Characters of the line: it has to come in one piece. */
const maxLineLength = 16_384;

/**
 * The line by which a process that runs a module for its host says why it cannot: `FAILED {"code","message","hint","details"}` on
 * stderr, its last one.
 */
export function formatFailure({ code, message, hint, details }: OrchestraError): string {
	const whole = JSON.stringify({ code, message, hint, details });
	const short = () => JSON.stringify({ code, message: message.slice(0, 4_096), hint: hint?.slice(0, 1_024) });
	return `FAILED ${whole.length <= maxLineLength ? whole : short()}`;
}

/** Takes the line of a failed start, so that a module that cannot be loaded is the same error in a process of its own as in the host's. */
export class ReportedFailure {
	#error: OrchestraError | undefined;

	/** Error that the process reported; undefined for none. */
	get error(): OrchestraError | undefined {
		return this.#error;
	}

	/** Sees a line of output; true where it was that line. */
	watch(line: string): boolean {
		const text = /^FAILED (\{.*\})$/.exec(line)?.[1];
		const error = text === undefined ? undefined : parseFailure(text);
		this.#error = error ?? this.#error;
		return error !== undefined;
	}
}

/** Undefined where it is something else: the plugin itself may print what it likes. */
function parseFailure(text: string): OrchestraError | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	const { code, message, hint, details } = value as Record<string, unknown>;
	if (typeof code !== 'string' || typeof message !== 'string' || !Object.hasOwn(errorCodes, code))
		return undefined;
	return new OrchestraError(code as ErrorCode, message, {
		hint: typeof hint === 'string' ? hint : undefined,
		details: typeof details === 'object' && details !== null ? (details as JsonObject) : undefined,
	});
}

import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Questions of a handler for its caller. */
export interface AskedInputs {
	readonly inputRequests: Record<string, never>;
	readonly requestState?: string | undefined;
}

/** Questions in an error; undefined where it is another error. */
export function askedInputs({ code, details }: OrchestraError): AskedInputs | undefined {
	if (code !== 'input_required') return undefined;
	const { inputRequests, requestState } = details ?? {};
	if (typeof inputRequests !== 'object' || inputRequests === null || Array.isArray(inputRequests))
		return undefined;
	return {
		inputRequests: inputRequests as Record<string, never>,
		requestState: typeof requestState === 'string' ? requestState : undefined,
	};
}

import type { InputRequiredResult } from '@modelcontextprotocol/client';
import type { ToolContext } from '../../plugin/definition/context.ts';
import { inputRequired } from '../../plugin/definition/input-required.ts';
import type { JsonObject } from '../../wire/json-value.ts';

/** Fields of a request that is made anew: the answers of the caller, and the state that the server gave along. */
export function answersOf({
	inputResponses,
	requestState,
}: Pick<ToolContext, 'inputResponses' | 'requestState'>): {
	readonly inputResponses?: JsonObject;
	readonly requestState?: string;
} {
	return {
		...(Object.keys(inputResponses).length > 0 ? { inputResponses } : {}),
		...(requestState ? { requestState } : {}),
	};
}

/** @throws ToolError `input_required` where a server asks for something before it answers */
export function askCaller(result: object): void {
	if (!('inputRequests' in result || (result as { resultType?: unknown }).resultType === 'input_required'))
		return;
	const { inputRequests = {}, requestState } = result as InputRequiredResult;
	throw inputRequired({
		inputRequests: inputRequests as never,
		...(requestState === undefined ? {} : { requestState }),
	});
}

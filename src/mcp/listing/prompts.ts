import {
	type GetPromptResult,
	inputRequired,
	ProtocolError,
	ProtocolErrorCode,
	type Server,
} from '@modelcontextprotocol/server';
import type { FilledPrompt } from '../../runtime/client/listings.ts';
import { passedOnTrace } from '../../runtime/telemetry/telemetry.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { askedInputs } from '../calls/asked-inputs.ts';
import { traceParentIn } from '../calls/trace-parent-in.ts';
import type { McpFront } from '../mcp-front.ts';
import { completeTemplate } from '../resources/complete-template.ts';
import { takePage } from './page.ts';

/** Values of a completion, at most: MCP allows no more. */
const maxValues = 100;

/** Answers `prompts/list`, `prompts/get` and `completion/complete`. */
export function handlePrompts(front: McpFront, server: Server): void {
	server.setRequestHandler('prompts/list', async ({ params }) => {
		const prompts = (await front.listing.prompts()).map(({ name, description, arguments: args }) => ({
			name,
			description,
			arguments: args.map((argument) => ({
				name: argument.name,
				description: argument.description,
				required: argument.required,
			})),
		}));
		const { items, nextCursor } = takePage(prompts, ({ name }) => name, params?.cursor);
		return { prompts: items, ...(nextCursor === undefined ? {} : { nextCursor }) };
	});
	server.setRequestHandler('prompts/get', async ({ params: { name, arguments: args = {} } }, ctx) => {
		const { signal, inputResponses, _meta: meta } = ctx.mcpReq;
		const parent = traceParentIn(meta);
		const state = front.readState(ctx, `prompt ${name}`);
		try {
			const prompt = await front.client.getPrompt(name, args, {
				signal,
				traceParent: parent && passedOnTrace(parent),
				inputResponses: inputResponses as JsonObject | undefined,
				requestState: state,
			});
			return promptResult(prompt);
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'internal');
			const asked = askedInputs(error);
			if (asked) return inputRequired(await front.sealInputs(`prompt ${name}`, asked));
			const wrong = error.code === 'prompt_not_found' || error.code === 'invalid_arguments';
			throw new ProtocolError(
				wrong ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
				error.hint ? `${error.message}. ${error.hint}` : error.message,
				{ code: error.code },
			);
		}
	});
	server.setRequestHandler('completion/complete', async ({ params: { ref, argument } }, ctx) => {
		const all =
			ref.type === 'ref/prompt'
				? await promptValues(front, ref.name, argument.name)
				: await completeTemplate(front, ref.uri, argument.value, ctx.mcpReq.signal);
		const begun = argument.value.toLowerCase();
		const values = all.filter((value) => value.toLowerCase().startsWith(begun));
		const hasMore = values.length > maxValues;
		return { completion: { values: values.slice(0, maxValues), total: values.length, hasMore } };
	});
}

async function promptValues(front: McpFront, name: string, argument: string): Promise<readonly string[]> {
	const prompt = (await front.listing.prompts()).find((one) => one.name === name);
	if (!prompt) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no prompt ${name}`);
	return prompt.arguments.find((one) => one.name === argument)?.values ?? [];
}

function promptResult({ description, messages }: FilledPrompt): GetPromptResult {
	return {
		...(description ? { description } : {}),
		messages: messages.map(({ role, content: { text, block } }) => ({
			role: role === 'assistant' ? 'assistant' : 'user',
			// The Go SDK's block of type `resource` holds a text only.
			content: block ?? { type: 'text', text },
		})) as GetPromptResult['messages'],
	};
}

import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { PromptGetRequest, PromptGetResponse, PromptMessage } from '../../wire/generated/messages.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type {
	PromptMessage as AuthorMessage,
	Prompt,
	PromptBlock,
	PromptResult,
} from '../definition/prompt.ts';
import { invalidArguments } from '../input/fault.ts';
import { FilledPromptContext } from './filled-prompt-context.ts';
import { handlerFailure } from './handler-failure.ts';
import type { PluginState } from './plugin-state.ts';
import { invalidResult } from './tool-result.ts';

/** Answers `prompt_get`. Never rejects. */
export async function getPrompt(
	state: PluginState,
	exchange: IncomingExchange,
	request: PromptGetRequest,
): Promise<void> {
	const name = request.promptName ?? '';
	const prompt = state.plugin.prompts.get(name);
	const refusal = state.refusal(undefined) ?? (prompt ? undefined : promptNotFound(state, name));
	if (refusal || !prompt) {
		exchange.finish(errorResponse(exchange.request, refusal ?? promptNotFound(state, name)));
		return;
	}
	const subject = `prompt ${name} of plugin ${state.id}`;
	// Without a prototype: a prompt may have an argument called `constructor`.
	const args: Record<string, string> = Object.assign(Object.create(null), request.arguments);
	const faults = prompt.arguments
		.filter((argument) => argument.required && args[argument.name] === undefined)
		.map((argument) => ({ pointer: jsonPointer([], 0, argument.name), message: 'is required' }));
	if (faults.length > 0) {
		exchange.finish(errorResponse(exchange.request, invalidArguments(subject, faults)));
		return;
	}
	state.active.add(exchange);
	try {
		const result = await prompt.handler(args, new FilledPromptContext(state, exchange, request));
		exchange.finish(
			exchange.cancelled
				? errorResponse(exchange.request, exchange.cancelled)
				: { promptGet: toResponse(prompt, result, subject) },
		);
	} catch (error) {
		state.logFailure(subject, error, exchange.cancelled, exchange);
		exchange.finish(errorResponse(exchange.request, exchange.cancelled ?? handlerFailure(error, subject)));
	} finally {
		state.active.delete(exchange);
	}
}

function promptNotFound(state: PluginState, name: string): OrchestraError {
	const known = [...state.plugin.prompts.keys()];
	return new OrchestraError(
		'prompt_not_found',
		`prompt ${JSON.stringify(name)} not found in plugin ${state.id}`,
		{
			hint: known.length === 0 ? 'It has no prompts.' : `It has ${known.slice(0, 20).join(', ')}.`,
		},
	);
}

function toResponse(prompt: Prompt, result: PromptResult, subject: string): PromptGetResponse {
	const { description } = prompt;
	if (typeof result === 'string') {
		return { description, messages: [toMessage({ role: 'user', content: result }, subject)] };
	}
	if (typeof result !== 'object' || result === null) throw invalidResult(subject, `a ${typeof result}`);
	const full = 'messages' in result ? result : { messages: result };
	if (!Array.isArray(full.messages)) throw invalidResult(subject, 'something without messages');
	return {
		description: ('description' in full ? full.description : undefined) ?? description,
		messages: full.messages.map((message: AuthorMessage) => toMessage(message, subject)),
	};
}

function toMessage(message: AuthorMessage, subject: string): PromptMessage {
	const content =
		typeof message?.content === 'string' ? { type: 'text', text: message.content } : message?.content;
	if (typeof message?.role === 'string' && isBlock(content)) {
		return { role: message.role, content: { type: content.type, block: content } };
	}
	if (
		typeof message?.role !== 'string' ||
		typeof (content as { text?: unknown } | undefined)?.text !== 'string'
	) {
		throw invalidResult(subject, 'a message without a role or a text');
	}
	return { role: message.role, content: { type: content.type ?? 'text', text: content.text as string } };
}

/** Whether a block is more than a type and a text. */
function isBlock(content: unknown): content is PromptBlock {
	if (typeof content !== 'object' || content === null || typeof (content as PromptBlock).type !== 'string')
		return false;
	return Object.keys(content).some((key) => key !== 'type' && key !== 'text');
}

import type { ServiceContext } from '../../services/service-server.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import type { Llm, LlmRequest } from './llm-seam.ts';

/** A model that says what it was told last, word by word: for tests, and for trying a host out. It knows one model, `echo`. */
export class EchoLlm implements Llm {
	name(): { name: string } {
		return { name: 'echo' };
	}

	complete(request: LlmRequest): { text: string } {
		return { text: wordsOf(request).join('') };
	}

	async *stream(request: LlmRequest, { signal }: ServiceContext): AsyncGenerator<{ text: string }> {
		for (const text of wordsOf(request)) {
			signal.throwIfAborted();
			yield { text };
		}
	}
}

/** The words of the last message, with the space between them; of each a token. */
function wordsOf({ messages, maxTokens = Number.POSITIVE_INFINITY, model = 'echo' }: LlmRequest): string[] {
	if (model !== 'echo')
		throw new ToolError('model_unknown', `there is no model ${model}`, { details: { model } });
	const words = messages.at(-1)?.text.match(/\S+\s*/g) ?? [];
	return words.slice(0, maxTokens);
}

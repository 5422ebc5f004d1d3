import { jsonSchema } from '../json-schema.ts';
import { nameMethod } from '../named-seam.ts';
import { defineSeam } from '../seam.ts';
import type { SeamClient, SeamImplementation } from '../seam-method.ts';

/** One message of a conversation. */
export interface LlmMessage {
	readonly role: 'user' | 'assistant';
	readonly text: string;
}

/** A question for a model. */
export interface LlmRequest {
	readonly system?: string;
	readonly messages: readonly LlmMessage[];
	/** Tokens of the answer, at most. Default: the model's. */
	readonly maxTokens?: number;
	/** Default: the provider's. */
	readonly model?: string;
}

const request = jsonSchema<LlmRequest>({
	type: 'object',
	required: ['messages'],
	properties: {
		system: { type: 'string' },
		messages: {
			type: 'array',
			minItems: 1,
			items: {
				type: 'object',
				required: ['role', 'text'],
				properties: { role: { enum: ['user', 'assistant'] }, text: { type: 'string' } },
			},
		},
		maxTokens: { type: 'integer', minimum: 1 },
		model: { type: 'string', minLength: 1 },
	},
});

const text = jsonSchema<{ readonly text: string }>({
	type: 'object',
	required: ['text'],
	properties: { text: { type: 'string' } },
});

/** The seam `llm`: a language model that completes a conversation, at once or as it goes. The pieces of a stream together are the answer. */
export const llmSeam = defineSeam('llm', {
	version: 1,
	methods: {
		name: nameMethod,
		complete: { input: request, output: text },
		stream: { kind: 'server_stream', input: request, output: text },
	},
});

/** Implementation of {@link llmSeam}. */
export type Llm = SeamImplementation<(typeof llmSeam)['methods']>;

/** Client of one, for a host. */
export type LlmClient = SeamClient<(typeof llmSeam)['methods']>;

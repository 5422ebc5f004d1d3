import type { JsonObject } from '../../wire/json-value.ts';
import type { PromptContext } from './context.ts';

/** An argument of a prompt. Prompt arguments are always text. */
export interface PromptArgument {
	readonly name: string;
	readonly description?: string;
	/** Default false. */
	readonly required?: boolean;
	/** Values to choose from, for whoever fills it in; others are taken too. Default: any. */
	readonly values?: readonly string[];
}

/** A message of a prompt. */
export interface PromptMessage {
	readonly role: 'user' | 'assistant';
	/** The text, a block of a type of its own, or a block of MCP: `{type: 'image', data, mimeType}`, `{type: 'resource', resource: {uri, …}}`. */
	readonly content: string | { readonly type: 'text' | 'resource'; readonly text: string } | PromptBlock;
}

/** A block of a message that is not all text: as MCP has it, and not checked. Whoever shows text only shows its type. */
export type PromptBlock = JsonObject & { readonly type: string };

/** Result of a prompt's handler: one user message, several messages, or messages with another description. */
export type PromptResult =
	| string
	| readonly PromptMessage[]
	| { readonly description?: string; readonly messages: readonly PromptMessage[] };

/** The arguments object of a prompt, by its declared arguments: required ones are there, the others may be. */
export type PromptArguments<A extends readonly PromptArgument[]> = {
	readonly [K in A[number] as K extends { readonly required: true } ? K['name'] : never]: string;
} & {
	readonly [K in A[number] as K extends { readonly required: true } ? never : K['name']]?: string;
};

/** Options of a prompt. */
export interface PromptOptions<A extends readonly PromptArgument[]> {
	readonly description: string;
	/** Default: none. Arguments that are not listed reach the handler too. */
	readonly arguments?: A;
}

/** Fills a prompt in. */
export type PromptHandler<Args> = (
	args: Args,
	ctx: PromptContext,
) => PromptResult | PromiseLike<PromptResult>;

/** A registered prompt. */
export interface Prompt {
	readonly name: string;
	readonly description: string;
	readonly arguments: readonly PromptArgument[];
	readonly handler: PromptHandler<Record<string, string>>;
}

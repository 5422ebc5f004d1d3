import type { FilledPrompt, ListedPrompt } from '../runtime/client/listings.ts';
import { style } from './style.ts';
import { outputWidth, wrapText } from './text-width.ts';
import { visible, visibleLine } from './visible-text.ts';

/** A prompt with its arguments, those in brackets that may be left out: `release_notes version [audience]`. */
export function promptSignature({ name, arguments: args }: ListedPrompt): string {
	return [name, ...args.map((argument) => (argument.required ? argument.name : `[${argument.name}]`))]
		.map(visibleLine)
		.join(' ');
}

/** Prompts with their arguments, for a person. */
export function formatPromptList(prompts: readonly ListedPrompt[]): string {
	if (prompts.length === 0) return 'It has no prompts.';
	const width = outputWidth();
	return prompts
		.map((prompt) => {
			const args = prompt.arguments.map(({ name, description }) =>
				wrapText(`${visibleLine(name)}  ${style.dim(visibleLine(description))}`, width, 4),
			);
			const lines = [wrapText(style.cyan(promptSignature(prompt)), width, 0), ...args];
			if (prompt.description) lines.splice(1, 0, wrapText(visible(prompt.description), width, 2));
			return lines.join('\n');
		})
		.join('\n\n');
}

/** A prompt that was filled in, for a person: its texts, each with its role where there are several. */
export function formatPrompt({ messages }: FilledPrompt): string {
	const show = (text: string) => (process.stdout.isTTY ? visible(text) : text);
	const [only] = messages;
	if (messages.length === 1 && only) return show(textOf(only.content));
	return messages
		.map(({ role, content }) => `${style.bold(visibleLine(role))}\n${show(textOf(content))}`)
		.join('\n\n');
}

/** The text of a block; of one that is not all text its type, and where it comes from. */
function textOf({ type, text, block }: FilledPrompt['messages'][number]['content']): string {
	if (!block) return text;
	const { mimeType, resource, uri } = block as Record<string, Record<string, unknown> | string | undefined>;
	if (typeof resource === 'object' && typeof resource.text === 'string') return resource.text;
	return `[${[type, mimeType, uri ?? (typeof resource === 'object' ? resource.uri : undefined)].filter(Boolean).join(' ')}]`;
}

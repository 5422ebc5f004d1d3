import type { FilledPrompt, ListedPrompt } from '../runtime/client/listings.ts';
import { promptSignature } from './prompt-arguments.ts';
import { style } from './style.ts';
import { visible, visibleIn, visibleLine } from './visible-text.ts';

/** Every prompt with its arguments, for a person. */
export function formatPrompts(prompts: readonly ListedPrompt[]): string {
	if (prompts.length === 0) return 'It has no prompts.';
	return visibleIn([...prompts])
		.map((prompt) => {
			const [name = '', ...rest] = promptSignature(prompt).split(' ');
			const lines = [[style.cyan(name), ...rest].join(' ')];
			if (prompt.description) lines.push(`  ${prompt.description}`);
			for (const argument of prompt.arguments) {
				const need = style.dim(argument.required ? 'required' : 'optional');
				lines.push(`  ${argument.name}  ${need}${argument.description ? `  ${argument.description}` : ''}`);
			}
			return lines.join('\n');
		})
		.join('\n\n');
}

/**
 * The messages of a prompt as text. Each has its role above it where there are several, or one that is not the user's. Control
 * characters are made visible for a terminal only: a file or a pipe gets the text as it is.
 */
export function formatFilledPrompt({ messages }: FilledPrompt, terminal: boolean): string {
	const text = (value: string) => (terminal ? visible(value) : value).replace(/\n+$/, '');
	const [first] = messages;
	if (messages.length === 1 && first?.role === 'user') return text(first.content.text);
	return messages
		.map(({ role, content }) => {
			const type = content.type === 'text' ? '' : style.dim(` (${visibleLine(content.type)})`);
			return `${style.bold(`${visibleLine(role)}:`)}${type}\n${text(content.text)}`;
		})
		.join('\n\n');
}

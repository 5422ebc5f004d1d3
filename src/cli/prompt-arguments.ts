import type { ListedPrompt } from '../runtime/client/listings.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';
import { promptSignature } from './format-prompt.ts';
import { readTextFrom } from './read-text.ts';

/**
 * Reads the arguments of a prompt from the command line: `key=text`, or `key=@file` with the text of a file.
 *
 * @throws OrchestraError `usage` for a word that is none, is given twice, or names no argument of the prompt
 */
export async function readPromptArguments(
	words: readonly string[],
	prompt: ListedPrompt,
): Promise<Record<string, string>> {
	const known = prompt.arguments.map(({ name }) => name);
	const given: Record<string, string> = Object.create(null);
	for (const word of words) {
		const [, name, at, text = ''] = /^([^=]+)=(@?)([\s\S]*)$/.exec(word) ?? [];
		if (name === undefined) {
			throw new OrchestraError('usage', `${JSON.stringify(word)} is not an argument`, {
				hint: 'Write key=text or key=@file.',
			});
		}
		if (!known.includes(name)) {
			const near = nearest(name, known);
			throw new OrchestraError('usage', `prompt ${prompt.name} has no argument ${name}`, {
				hint: near ? `Did you mean ${near}?` : `It takes: ${promptSignature(prompt)}`,
			});
		}
		if (given[name] !== undefined) throw new OrchestraError('usage', `${name} is given twice`);
		given[name] = at ? await readTextFrom(text, false) : text;
	}
	return given;
}

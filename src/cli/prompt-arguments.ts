import type { ListedPrompt } from '../runtime/client/listings.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';
import { readTextFrom } from './read-text.ts';

/** How a prompt is written on the command line: `review language=… [focus=…]`. */
export function promptSignature({ name, arguments: known }: ListedPrompt): string {
	return [name, ...known.map((one) => (one.required ? `${one.name}=…` : `[${one.name}=…]`))].join(' ');
}

/**
 * Reads the arguments of a prompt, which are texts: `key=text`, `key=@file`, `key=@-` for standard input.
 *
 * @param allowUnknown whether arguments that the prompt does not list are passed on
 * @throws OrchestraError `usage`; `invalid_arguments` where a required one is missing, or one is not listed
 */
export async function readPromptArguments(
	words: readonly string[],
	prompt: ListedPrompt,
	allowUnknown: boolean,
): Promise<Record<string, string>> {
	const args: Record<string, string> = Object.create(null);
	const signature = promptSignature(prompt);
	const names = prompt.arguments.map(({ name }) => name);
	let readsInput = false;
	for (const word of words) {
		const [, key, at, text = ''] = /^([^=]+)=(@?)([\s\S]*)$/.exec(word) ?? [];
		if (key === undefined) throw usage(`${JSON.stringify(word)} is not an argument`, `Write ${signature}.`);
		if (key in args) throw usage(`${key} is given twice`, `Write ${signature}.`);
		if (!names.includes(key) && !allowUnknown) {
			const near = nearest(key, names);
			throw new OrchestraError('invalid_arguments', `prompt ${prompt.name} has no argument ${key}`, {
				hint: `${near ? `Did you mean ${near}?` : `Write ${signature}.`} Add --allow-unknown to pass it all the same.`,
				details: { arguments: names },
			});
		}
		if (at && text === '-') {
			if (readsInput) {
				throw usage('standard input is asked for twice', 'It can be read once: give the other as a file.');
			}
			readsInput = true;
		}
		args[key] = at ? await readTextFrom(text, true) : text;
	}
	const missing = prompt.arguments.filter(({ name, required }) => required && !(name in args));
	if (missing.length > 0) {
		const what = missing.map(({ name }) => name);
		throw new OrchestraError('invalid_arguments', `prompt ${prompt.name} needs ${what.join(', ')}`, {
			hint: `Write ${signature}.`,
			details: { missing: what, arguments: names },
		});
	}
	return args;
}

function usage(message: string, hint: string): OrchestraError {
	return new OrchestraError('usage', message, { hint });
}

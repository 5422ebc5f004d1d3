import type { CallOptions } from '../runtime/client/call-options.ts';
import type { ListedPrompt } from '../runtime/client/listings.ts';
import type { PluginClient } from '../runtime/client/plugin-client.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/**
 * A prompt by its name.
 *
 * @throws OrchestraError `prompt_not_found`, with the nearest name or all of them
 */
export async function findPrompt(
	client: PluginClient,
	name: string,
	options: CallOptions,
): Promise<ListedPrompt> {
	const prompts = await client.listPrompts(options);
	const prompt = prompts.find((candidate) => candidate.name === name);
	if (prompt) return prompt;
	const names = prompts.map((candidate) => candidate.name);
	const near = nearest(name, names);
	let hint = near ? `Did you mean ${near}?` : `It has: ${names.join(', ')}.`;
	if (names.length === 0) hint = 'It has no prompts at all.';
	throw new OrchestraError('prompt_not_found', `there is no prompt named ${name}`, {
		hint,
		details: { prompts: names },
	});
}

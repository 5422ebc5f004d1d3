import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertHandler, descriptionOf } from './handler-options.ts';
import { assertHandlerName } from './names.ts';
import type { Prompt, PromptArgument } from './prompt.ts';

/**
 * Makes a prompt of what its author registers.
 *
 * @throws OrchestraError `invalid_plugin`
 */
export function createPrompt(
	pluginId: string,
	name: string,
	options: { readonly description?: string; readonly arguments?: readonly PromptArgument[] },
	handler: unknown,
): Prompt {
	assertHandlerName('prompt', name, pluginId);
	assertHandler(handler, `prompt ${name}`, pluginId);
	const description = descriptionOf(options, `prompt ${name}`, pluginId);
	const known = new Set<string>();
	for (const argument of options.arguments ?? []) {
		const text = argument?.name;
		if (typeof text !== 'string' || text === '' || known.has(text)) {
			const why = known.has(text) ? `two arguments called ${text}` : 'an argument without a name';
			throw new OrchestraError('invalid_plugin', `prompt ${name} of plugin ${pluginId} has ${why}`);
		}
		const { values } = argument;
		if (
			values !== undefined &&
			!(Array.isArray(values) && values.every((value) => typeof value === 'string'))
		) {
			const where = `argument ${text} of prompt ${name} of plugin ${pluginId}`;
			throw new OrchestraError('invalid_plugin', `the values of ${where} are no list of texts`);
		}
		known.add(text);
	}
	return {
		name,
		description,
		arguments: [...(options.arguments ?? [])],
		// Required arguments are checked before the handler runs, so what it gets is what its type says.
		handler: handler as unknown as Prompt['handler'],
	};
}

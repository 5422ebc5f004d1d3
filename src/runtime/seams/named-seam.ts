import type { PluginSource } from '../hosting/plugin-source.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { retoldError } from '../wire/retold-error.ts';
import { jsonSchema } from './json-schema.ts';
import { type LoadedSeam, type LoadSeamOptions, loadSeam } from './load-seam.ts';
import type { Seam } from './seam.ts';
import type { SeamCallOptions, SeamMethods } from './seam-method.ts';

/** The method by which an implementation says what it is called. */
export const nameMethod = {
	output: jsonSchema<{ readonly name: string }>({
		type: 'object',
		required: ['name'],
		properties: { name: { type: 'string', minLength: 1, maxLength: 128 } },
	}),
} as const;

/** The methods of a seam whose implementations have names. */
export type NamedMethods = SeamMethods & { readonly name: typeof nameMethod };

/** A seam that a plugin serves, whose implementation has said its name. */
export interface LoadedNamedSeam<Methods extends SeamMethods> extends LoadedSeam<Methods> {
	readonly name: string;
}

/** Options of loading a named seam. */
export interface LoadNamedSeamOptions extends LoadSeamOptions {
	/** Milliseconds in which it has to say its name. Default 5 s. */
	readonly nameTimeoutMs?: number | undefined;
}

/**
 * Loads a seam, and asks its implementation for its name: it is known from then on, and one that does not say it is not loaded.
 *
 * @throws OrchestraError as {@link loadSeam}, and what the question for the name came to
 */
export async function loadNamedSeam<Methods extends NamedMethods>(
	seam: Seam<Methods> | readonly Seam<Methods>[],
	source: PluginSource,
	{ nameTimeoutMs: timeoutMs = 5_000, ...options }: LoadNamedSeamOptions = {},
): Promise<LoadedNamedSeam<Methods>> {
	const loaded = await loadSeam(seam, source, options);
	try {
		const ask = loaded.client.name as unknown as (
			value: object,
			options: SeamCallOptions,
		) => Promise<{ name: string }>;
		const { name } = await ask({}, { timeoutMs });
		return Object.assign(loaded, { name });
	} catch (thrown) {
		await loaded.close();
		const error = OrchestraError.from(thrown, 'internal');
		throw retoldError(error, `${loaded.plugin} does not say its name: ${error.message}`, {
			details: { ...error.details, plugin: loaded.plugin },
		});
	}
}

import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Hints about a tool, as MCP names them. A client shows them, and may decide by them what it asks its user about; nothing is enforced. */
export interface ToolAnnotations {
	/** It changes nothing. */
	readonly readOnlyHint?: boolean;
	/** It may destroy something. */
	readonly destructiveHint?: boolean;
	/** To call it again with the same arguments changes nothing more. */
	readonly idempotentHint?: boolean;
	/** It reaches what is outside, such as the web. */
	readonly openWorldHint?: boolean;
}

const names = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** The annotations of options that nobody type-checked. @throws OrchestraError `invalid_plugin` */
export function annotationsOf(
	annotations: unknown,
	what: string,
	pluginId: string,
): ToolAnnotations | undefined {
	if (annotations === undefined) return undefined;
	const wrong = (why: string) =>
		new OrchestraError('invalid_plugin', `the annotations of ${what} in plugin ${pluginId} ${why}`, {
			hint: `There are ${names.join(', ')}; each is true or false.`,
		});
	if (typeof annotations !== 'object' || annotations === null) throw wrong('are no object');
	for (const [name, value] of Object.entries(annotations)) {
		if (!names.some((known) => known === name)) throw wrong(`have no ${name}`);
		if (typeof value !== 'boolean') throw wrong(`have a ${name} that is neither true nor false`);
	}
	return { ...(annotations as JsonObject) };
}

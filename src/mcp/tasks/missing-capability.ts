import type { ClientCapabilities } from './tasks-extension.ts';

/**
 * Capability that a client lacks to answer a request of a handler, in the shape of its capabilities; undefined where it lacks none.
 *
 * @throws Error for a request that MCP does not have
 */
export function missingCapability(
	{ method, params = {} }: { readonly method: string; readonly params?: Readonly<Record<string, unknown>> },
	{ elicitation, sampling, roots }: ClientCapabilities,
): Record<string, unknown> | undefined {
	switch (method) {
		case 'elicitation/create': {
			const mode = params.mode === 'url' ? 'url' : 'form';
			const modes = Object.keys(elicitation ?? {});
			// One that names no mode is of the time when there were only forms.
			const can =
				elicitation !== undefined && (modes.includes(mode) || (mode === 'form' && modes.length === 0));
			return can ? undefined : { elicitation: { [mode]: {} } };
		}
		case 'sampling/createMessage':
			return sampling === undefined ? { sampling: {} } : undefined;
		case 'roots/list':
			return roots === undefined ? { roots: {} } : undefined;
		default:
			throw new Error(`the tool asks for ${method}, which no client of MCP answers`);
	}
}

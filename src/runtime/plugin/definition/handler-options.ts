import { OrchestraError } from '../../wire/orchestra-error.ts';

/** @throws OrchestraError `invalid_plugin` */
export function assertHandler(
	handler: unknown,
	what: string,
	pluginId: string,
): asserts handler is (...args: never) => unknown {
	if (typeof handler === 'function') return;
	throw new OrchestraError('invalid_plugin', `${what} in plugin ${pluginId} has no handler`, {
		hint: 'The last argument is a function.',
	});
}

/** The title of a tool, where it has one. @throws OrchestraError `invalid_plugin` */
export function titleOf(
	{ title }: { readonly title?: unknown },
	what: string,
	pluginId: string,
): string | undefined {
	if (title === undefined || typeof title === 'string') return title;
	throw new OrchestraError('invalid_plugin', `the title of ${what} in plugin ${pluginId} is no text`);
}

/** The description of a tool or prompt; empty where there is none. @throws OrchestraError `invalid_plugin` */
export function descriptionOf(options: unknown, what: string, pluginId: string): string {
	if (typeof options !== 'object' || options === null) {
		throw new OrchestraError('invalid_plugin', `${what} in plugin ${pluginId} has no options`, {
			hint: 'Between the name and the handler comes an object: { description, … }.',
		});
	}
	const { description = '' } = options as { description?: unknown };
	if (typeof description === 'string') return description;
	throw new OrchestraError('invalid_plugin', `the description of ${what} in plugin ${pluginId} is no text`);
}

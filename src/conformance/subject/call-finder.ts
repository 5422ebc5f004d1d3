import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { sampleArguments } from './sample-arguments.ts';
import type { Instance, KnownCall } from './subject.ts';

/** A call that the author says works. */
export interface StatedCall {
	readonly tool: string;
	readonly args: JsonObject;
	/** Whether its answer is a stream. */
	readonly streaming: boolean;
	/** Whether it takes seconds, so that there is time to cancel it. */
	readonly slow: boolean;
}

/**
 * Finds out how a tool can be called: as the author says, else, for a streaming tool, with arguments made up from its schema.
 * Each is looked for once.
 */
export function callFinder(
	stated: readonly StatedCall[],
): (instance: Instance, kind: 'unary' | 'streaming' | 'slow') => Promise<KnownCall | undefined> {
	const found = new Map<string, Promise<KnownCall | undefined>>();
	return (instance, kind) => {
		const looked = found.get(kind) ?? find(instance, kind);
		found.set(kind, looked);
		return looked;
	};

	async function find(
		instance: Instance,
		kind: 'unary' | 'streaming' | 'slow',
	): Promise<KnownCall | undefined> {
		const fits = ({ streaming, slow }: StatedCall) =>
			kind === 'slow' ? slow && !streaming : streaming === (kind === 'streaming');
		const said = stated.find(fits);
		if (said) return { tool: said.tool, args: said.args, known: true };
		if (kind !== 'streaming') return undefined;
		for (const tool of instance.tools) {
			if (!tool.streaming) continue;
			const args = await sampleArguments(tool.inputSchema);
			if (args) return { tool: tool.name, args, known: false };
		}
		return undefined;
	}
}

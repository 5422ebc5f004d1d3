import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import { untilAborted } from '../../runtime/hosting/until-aborted.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { ServedSet } from './plugin-to-serve.ts';

/**
 * A source whose plugin is started when those that it depends on run; those of them that were stopped are started.
 *
 * @param id what the plugin is called in messages
 * @param dependencies asked at each start: a reload may have put other plugins in their places
 */
export function afterDependencies(
	source: PluginSource,
	id: string,
	dependencies: () => readonly PluginSlot[],
	failed: ServedSet['failedDependency'],
): PluginSource {
	return {
		label: source.label,
		kind: source.kind,
		notOurs: () => source.notOurs?.(),
		async start(host, signal) {
			const all = Promise.all(dependencies().map((slot) => ready(id, slot, failed)));
			await untilAborted(all, signal, ({ reason }) => reason);
			return source.start(host, signal);
		},
	};
}

async function ready(id: string, slot: PluginSlot, failed: ServedSet['failedDependency']): Promise<void> {
	try {
		// One that has failed is not tried again for everybody that depends on it.
		if (slot.state === 'failed') throw slot.unavailable;
		await slot.start();
	} catch (error) {
		if (failed === 'ignore') return;
		const { message } = error as Error;
		throw new OrchestraError(
			'start_failed',
			`${id} is not started, since it depends on ${slot.id}: ${message}`,
			{
				hint: `Mend ${slot.id}, or take it out of depends_on.`,
				details: { plugin: id, dependency: slot.id },
				cause: error,
			},
		);
	}
}

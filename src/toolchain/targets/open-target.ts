import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OpenedTarget, OpenTargetOptions } from './opened-target.ts';
import type { Target } from './target.ts';

/**
 * Opens a target, whatever it is.
 *
 * @throws OrchestraError what {@link loadPlugin}, {@link launchPlugin} and {@link Carrier.dial} throw
 */
export async function openTarget(target: Target, options: OpenTargetOptions): Promise<OpenedTarget> {
	if (target.kind === 'address') {
		if (Object.keys(options.config ?? {}).length > 0) {
			throw new OrchestraError(
				'usage',
				'--config boots a plugin, but an address names one that runs already',
				{
					hint: 'Leave --config out, or name a module or an executable.',
				},
			);
		}
		if (options.spawn) {
			throw new OrchestraError(
				'usage',
				'--spawn starts a process, but an address names one that runs already',
				{
					hint: 'Leave --spawn out, or name a module or an executable.',
				},
			);
		}
		if (options.inheritEnv === true || (options.inheritEnv ?? []).length > 0) {
			throw new OrchestraError(
				'usage',
				'--env and --inherit-env are for a process that is started, but an address names one that runs already',
				{
					hint: 'Leave them out, or name a module or an executable.',
				},
			);
		}
		if (options.goPlugin) {
			throw new OrchestraError(
				'usage',
				'--cookie is for a go-plugin that is started, but an address names one that runs already',
				{
					hint: 'Leave it out, or name the executable.',
				},
			);
		}
		const { openAddress } = await import('./open-address.ts');
		return openAddress(target.address, options);
	}
	const { openLocal } = await import('./open-local.ts');
	return openLocal(target, options);
}

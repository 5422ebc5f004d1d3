import {
	defaultSupervision,
	type SupervisionPolicy,
} from '../../runtime/hosting/supervision/supervision-policy.ts';
import type { ServedSet } from '../serve/plugin-to-serve.ts';
import { moduleDials } from '../targets/module-carrier.ts';
import { DevSource, type DevSourceOptions } from './dev-source.ts';
import type { PluginCode } from './plugin-code.ts';

/** A process that stands at a breakpoint does not hang: nobody asks for its health. */
const debuggedSupervision: SupervisionPolicy = { ...defaultSupervision, healthEveryMs: 2 ** 31 - 1 };

/** A plugin that is being written, as a server takes it, and its source. */
export function devSet(
	code: PluginCode,
	options: Omit<DevSourceOptions, 'certsDir'>,
): { readonly set: ServedSet; readonly source: DevSource } {
	const source = new DevSource(code, options);
	const set: ServedSet = {
		hasProcesses: options.spawn && moduleDials(options.carrier),
		routing: {},
		failedDependency: 'fail',
		async plugins({ certsDir }) {
			source.certsDir = certsDir;
			return [
				{ source, policy: { supervision: options.inspect ? debuggedSupervision : defaultSupervision } },
			];
		},
	};
	return { set, source };
}

import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { GoPluginChoice } from '../toolchain/targets/go-plugin-choice.ts';

/** The values of the flags about a go-plugin. */
export interface GoPluginFlags {
	cookie?: string | undefined;
	protocol?: number[] | undefined;
	mtls?: boolean | undefined;
}

/** Reads the flags about a go-plugin; undefined where there are none. @throws OrchestraError `usage` */
export function readGoPluginFlags({
	cookie,
	protocol = [],
	mtls = true,
}: GoPluginFlags): GoPluginChoice | undefined {
	if (cookie === undefined && protocol.length === 0 && mtls) return undefined;
	const [, key, value] = (cookie === undefined ? undefined : /^([^=\s]+)=(.+)$/s.exec(cookie)) ?? [];
	if (cookie !== undefined && (key === undefined || value === undefined)) {
		throw new OrchestraError('usage', '--cookie takes KEY=VALUE', {
			hint: "Both are in the HandshakeConfig of the plugin's host: MagicCookieKey and MagicCookieValue.",
		});
	}
	return {
		...(key !== undefined && value !== undefined ? { cookie: { key, value } } : {}),
		...(protocol.length > 0 ? { versions: protocol } : {}),
		...(mtls ? {} : { mtls }),
	};
}

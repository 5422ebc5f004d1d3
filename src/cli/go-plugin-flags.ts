import { Flags } from '@oclif/core';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { GoPluginChoice } from '../toolchain/targets/go-plugin-choice.ts';

/** The flags that say how an executable is driven that is a go-plugin. */
export const goPluginFlags = {
	cookie: Flags.string({
		description:
			'The executable is a go-plugin (hashicorp/go-plugin, over gRPC), and this is the cookie of its host. [default: known for terraform-provider-*, tflint-ruleset-*, …]',
		helpValue: 'KEY=VALUE',
	}),
	protocol: Flags.integer({
		multiple: true,
		multipleNonGreedy: true,
		min: 0,
		description:
			"A version of the go-plugin's own protocol to offer, more than once if need be. [default: 1]",
		helpValue: 'N',
	}),
	mtls: Flags.boolean({
		allowNo: true,
		default: true,
		description: 'Mutual TLS with a go-plugin. Plugins that know no AutoMTLS need --no-mtls.',
	}),
};

/** The values of {@link goPluginFlags}. */
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

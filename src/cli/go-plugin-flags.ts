import { Flags } from '@oclif/core';

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

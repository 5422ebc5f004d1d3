import { Flags } from '@oclif/core';

/** The flags that say what processes of plugins see of this environment. */
export const environmentFlags = {
	env: Flags.string({
		multiple: true,
		multipleNonGreedy: true,
		description:
			'A variable of this environment that processes of plugins see besides the harmless ones (PATH, HOME, LANG, …), more than once if need be.',
		helpValue: 'NAME',
	}),
	'inherit-env': Flags.boolean({
		description: 'Let processes of plugins see all of this environment, secrets too.',
	}),
};

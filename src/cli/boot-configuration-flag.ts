import { Flags } from '@oclif/core';

/** Flag for the values that a plugin is booted with. */
export const bootConfigurationFlag = Flags.string({
	multiple: true,
	multipleNonGreedy: true,
	description:
		'What the plugin is booted with, more than once if need be: a key and its value, or @FILE with a JSON object.',
	helpValue: 'KEY=VALUE',
});

import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** The values of `--env` and `--inherit-env`. */
export interface EnvironmentFlags {
	env?: string[] | undefined;
	'inherit-env'?: boolean | undefined;
}

/**
 * Part of this environment that processes see besides the harmless variables: all of it, or the variables named.
 *
 * @throws OrchestraError `usage` for what is no name: a value among the arguments could be read by everybody on the machine
 */
export function readInheritedEnvironment(flags: EnvironmentFlags): true | readonly string[] {
	const { env = [] } = flags;
	for (const word of env) {
		if (/^[^=\s]+$/.test(word)) continue;
		const [name = ''] = word.split('=', 1);
		throw new OrchestraError(
			'usage',
			`--env takes the name of a variable, and ${name || 'this'} has a value`,
			{
				hint: 'Set it in front of the command, where nobody else can see it: NAME=… orchestra … --env NAME.',
			},
		);
	}
	return flags['inherit-env'] ? true : env;
}

import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/**
 * Asks a person at a terminal whether to go on. Where nobody can be asked the command itself is the yes.
 *
 * @throws OrchestraError `cancelled` at a no
 */
export async function confirm(
	question: string,
	options: { readonly yes: boolean; readonly json: boolean; readonly show: () => string },
): Promise<void> {
	const { stdin, stderr, env } = process;
	if (options.yes || options.json || env.CI || !stdin.isTTY || !stderr.isTTY) return;
	const { confirm: ask } = await import('@inquirer/prompts');
	stderr.write(`${options.show()}\n\n`);
	if (await ask({ message: question, default: true }, { output: stderr })) return;
	throw new OrchestraError('cancelled', 'nothing was changed');
}

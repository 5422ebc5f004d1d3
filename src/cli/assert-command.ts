import type { Config } from '@oclif/core';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/**
 * Refuses a command that does not exist, with the one that was probably meant.
 *
 * @throws OrchestraError `usage`
 */
export function assertCommand(argv: readonly string[], config: Config): void {
	let names = config.commandIDs.map((id) => id.split(':'));
	const known: string[] = [];
	for (const word of argv) {
		if (word.startsWith('-')) return;
		const next = [...new Set(names.map(([name = '']) => name))];
		if (!next.includes(word)) {
			const near = nearest(word, next);
			const before = ['orchestra', ...known].join(' ');
			throw new OrchestraError('usage', `there is no command ${[...known, word].join(' ')}`, {
				hint: near ? `Did you mean ${before} ${near}?` : `Run ${before} --help to see the commands.`,
			});
		}
		known.push(word);
		names = names.filter(([name]) => name === word).map(([, ...rest]) => rest);
		if (names.some((rest) => rest.length === 0)) return;
	}
}

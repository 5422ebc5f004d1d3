const storageActions = ['read', 'write', 'list', 'delete'];

/**
 * The words of a command line in the order that the command framework takes: `help call` becomes `call --help`, and
 * `storage TARGET read …` becomes `storage read TARGET …`.
 */
export function commandWords(argv: readonly string[]): string[] {
	const [first, second, third, ...rest] = argv;
	if (first === 'help') return [...argv.slice(1), '--help'];
	if (
		first === 'storage' &&
		second !== undefined &&
		!second.startsWith('-') &&
		!storageActions.includes(second) &&
		third !== undefined &&
		storageActions.includes(third)
	) {
		return [first, third, second, ...rest];
	}
	return [...argv];
}

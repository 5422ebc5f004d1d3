import type { Check } from '../conformance/check.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** The checks of these names or numbers; all where there are none. @throws OrchestraError `usage` for a name of no check */
export function selectedChecks(checks: readonly Check[], words: readonly string[] = []): readonly Check[] {
	const names = checks.map(({ name }) => name);
	for (const word of words) {
		if (checks.some(({ name, number }) => word === name || word === String(number))) continue;
		const near = nearest(word, names);
		throw new OrchestraError('usage', `there is no check ${JSON.stringify(word)}`, {
			hint: near ? `Did you mean ${near}?` : '`orchestra test --list` lists them.',
		});
	}
	if (words.length === 0) return checks;
	return checks.filter(({ name, number }) => words.includes(name) || words.includes(String(number)));
}

import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Reads `field=value` words; a value may be empty. @throws OrchestraError `usage` */
export function readEventFilters(words: readonly string[]): Record<string, string> {
	const filters = new Map<string, string>();
	for (const word of words) {
		const at = word.indexOf('=');
		if (at < 1) {
			throw new OrchestraError('usage', `--filter ${JSON.stringify(word)} is no filter`, {
				hint: 'Write field=value: the payload has to have that string in that field.',
			});
		}
		const field = word.slice(0, at);
		if (filters.has(field)) {
			throw new OrchestraError('usage', `--filter names the field ${field} twice`, {
				hint: 'A field has one value: subscribe once for each of them.',
			});
		}
		filters.set(field, word.slice(at + 1));
	}
	return Object.fromEntries(filters);
}

import { createPatch, OMIT_HEADERS } from 'diff';

/**
 * Differences between two texts, as `diff -u` shows them, without names; empty for none.
 *
 * @param old undefined for a file that is new
 * @param now undefined for one that goes
 */
export function unifiedDiff(old = '', now = ''): string[] {
	if (old === now) return [];
	const patch = createPatch('', old, now, undefined, undefined, { context: 3, headerOptions: OMIT_HEADERS });
	return patch.replace(/\n$/, '').split('\n');
}

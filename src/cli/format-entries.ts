import type { ListedEntry } from '../runtime/client/listings.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { visibleLine } from './visible-text.ts';

/** Stored entries, for a person. */
export function formatEntries(entries: readonly ListedEntry[]): string {
	if (entries.length === 0) return 'There are no entries.';
	const rows = entries.map(({ path, size, version, modifiedAt }) => [
		style.cyan(visibleLine(path)),
		String(size),
		String(version),
		modifiedAt ? modifiedAt.toISOString().slice(0, 19).replace('T', ' ') : '',
	]);
	return formatTable(['path', 'bytes', 'version', 'modified (UTC)'], rows);
}

/** An id for a plugin that does not say one: its label, made to a name that plugins can have. */
export function idOfLabel(label: string, otherwise: string): string {
	const name = label
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/\.{2,}/g, '.')
		.replace(/^[.-]+|[.-]+$/g, '')
		.slice(0, 64);
	return name || otherwise;
}

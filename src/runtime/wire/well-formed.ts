/** ES2024, and in Node 20 and Deno already. */
interface Es2024String {
	isWellFormed(): boolean;
	toWellFormed(): string;
}

/** The text with U+FFFD for each lone surrogate: what becomes of it in UTF-8. */
export function wellFormed(text: string): string {
	const es2024 = text as unknown as Es2024String;
	return es2024.isWellFormed() ? text : es2024.toWellFormed();
}

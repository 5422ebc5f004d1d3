/** A key that was pressed, or a text that was pasted. */
export interface Key {
	/** `up`, `enter`, `esc`, `ctrl+c`, `shift+tab`, or the character itself; empty for what was pasted. */
	readonly name: string;
	/** Text that it writes; empty where it writes nothing. */
	readonly text: string;
}

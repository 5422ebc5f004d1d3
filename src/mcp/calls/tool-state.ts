/** State that is sealed when a handler asks for something. */
export interface ToolState {
	/** The tool or prompt that asked: its state is for nobody else. */
	readonly of: string;
	readonly state: string | undefined;
}

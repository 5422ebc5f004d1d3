/** How a plugin is run as a process. */
export interface RunOptions {
	/** The command line without the program. Default: this process's own. */
	readonly argv?: readonly string[];
}

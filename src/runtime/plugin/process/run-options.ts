/** Options of running a plugin as a process. */
export interface RunOptions {
	/** The command line without the program. Default: this process's own. */
	readonly argv?: readonly string[];
}

import type { EnvironmentOptions } from '../launching/plugin-environment.ts';
import type { ProcessStopOptions } from '../launching/stop-process.ts';

/** Command of a process. */
export interface ProcessCommand {
	/** The executable: a path, or a name on `PATH`. */
	readonly command: string;
	readonly args?: readonly string[] | undefined;
	readonly cwd?: string | undefined;
}

/** Options of every plugin that has a process of its own, whatever it speaks. */
export interface ProcessOptions<Command extends ProcessCommand = ProcessCommand>
	extends Pick<EnvironmentOptions, 'env' | 'inheritEnv'> {
	/** A file or folder: what people call the plugin before its id is known. */
	readonly label: string;
	/** Command to start; a function is asked at each start. */
	readonly command: Command | (() => Command | Promise<Command>);
	/** The graces of its stop. */
	readonly stop?: ProcessStopOptions | undefined;
}

/** Command to be started now. */
export function commandOf<Command extends ProcessCommand>({
	command,
}: Pick<ProcessOptions<Command>, 'command'>): Command | Promise<Command> {
	return typeof command === 'function' ? command() : command;
}

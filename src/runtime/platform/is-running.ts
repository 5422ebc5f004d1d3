/** Whether a process of this machine runs, whoever's it is. */
export function isRunning(pid: number): boolean {
	try {
		// Signal 0 is none: the system only looks whether one could be sent.
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

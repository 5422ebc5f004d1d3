import type { Tool } from '../definition/tool.ts';

/**
 * The tool whose code runs in this thread right now, by its mark, and the one that was called last; 0 for none. It is shared memory: a
 * watcher in another thread reads it while this one is blocked. Writing it costs about a nanosecond.
 */
export const runningTool = new Int32Array(new SharedArrayBuffer(8));

/** The tool's own code is about to run; {@link leaveTool} follows as soon as it has returned. */
export function enterTool(tool: Tool): void {
	runningTool[0] = tool.mark;
	runningTool[1] = tool.mark;
}

/** The tool's own code has returned, or waits. */
export function leaveTool(): void {
	runningTool[0] = 0;
}

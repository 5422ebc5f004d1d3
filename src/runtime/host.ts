// What a program needs that runs plugins in processes of their own: `orchestra-toolchain/host`. It is apart from the package's
// root, which every plugin loads, because what starts processes is slow to load and a plugin has no use for it.

export { type AttachedOutput, Attachment, type AttachmentEnd } from './exec/attachment.ts';
export { type AttachOptions, ExecClient, type ExecClientOptions } from './exec/exec-client.ts';
export { type ExecClock, systemExecClock } from './exec/exec-clock.ts';
export { type ExecCaller, ExecManager, type ExecManagerOptions } from './exec/exec-manager.ts';
export { OutputBuffer } from './exec/output-buffer.ts';
export type { OutputSink, SessionOutput } from './exec/output-sink.ts';
export { serveExec } from './exec/serve-exec.ts';
export {
	type ProcessSignal,
	processSignal,
	type StreamSignal,
	streamSignal,
	streamSignals,
} from './exec/stream-signal.ts';
export { BaseTerminal } from './exec/terminal/base-terminal.ts';
export { openTerminal } from './exec/terminal/open-terminal.ts';
export type { Viewer } from './exec/viewer.ts';
export {
	type Containment,
	type ContainmentOptions,
	containPlugins,
} from './hosting/containment/contain-plugins.ts';
export type {
	EventLoopWatch,
	EventLoopWatchOptions,
	LoopBlock,
} from './hosting/containment/event-loop-watch.ts';
export type { StrayError } from './hosting/containment/stray-errors.ts';
export { type LaunchCommand, type LaunchedOptions, launched } from './hosting/launched-source.ts';
export { Registrations } from './hosting/registrations.ts';
export { discoverPlugins } from './launching/discover-plugins.ts';
export type { ExitStatus } from './launching/exit-status.ts';
export { type LaunchOptions, launchPlugin } from './launching/launch-plugin.ts';
export type { LaunchedPlugin } from './launching/launched-plugin.ts';
export type { StopOptions, StopReport } from './launching/stop-process.ts';

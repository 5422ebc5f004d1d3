// What a program needs that runs plugins in processes of their own: `orchestra-toolchain/host`. It is apart from the package's
// root, which every plugin loads, because what starts processes is slow to load and a plugin has no use for it.

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
export type { ExitStatus } from './launching/exit-status.ts';
export { type LaunchOptions, launchPlugin } from './launching/launch-plugin.ts';
export type { LaunchedPlugin } from './launching/launched-plugin.ts';
export type { StopOptions, StopReport } from './launching/stop-process.ts';

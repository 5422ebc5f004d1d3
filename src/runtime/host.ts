// What a program needs that runs plugins in processes of their own: `orchestra-toolchain/host`. It is apart from the package's
// root, which every plugin loads, because what starts processes is slow to load and a plugin has no use for it.

export { type LaunchCommand, type LaunchedOptions, launched } from './hosting/launched-source.ts';
export { Registrations } from './hosting/registrations.ts';
export type { ExitStatus } from './launching/exit-status.ts';
export { type LaunchOptions, launchPlugin } from './launching/launch-plugin.ts';
export type { LaunchedPlugin } from './launching/launched-plugin.ts';
export type { StopOptions, StopReport } from './launching/stop-process.ts';

// Entry for tests of terminal sessions: no PTY, no process, and a clock of their own.
export {
	ExecHarness,
	failingHandler,
	type MountedSession,
	noopHandler,
	stoppableHandler,
} from './exec-harness.ts';
export { FakeExecClock } from './fake-exec-clock.ts';
export { FakeTerminal, FakeTerminals } from './fake-terminal.ts';
export { RecordingOutput } from './recording-output.ts';

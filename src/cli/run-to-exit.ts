import { logsJson } from './log-format.ts';
import { stopTelemetry } from './record-calls.ts';
import { describeError, logError, reportError } from './report-error.ts';
import { flushOutput, watchOutput } from './stdout.ts';

/**
 * Does what a command line asks for and ends the process. An error is printed and becomes the exit code. It does not wait for what a
 * plugin in this process left behind, such as a timer: the work has closed what it opened.
 */
export async function runToExit(argv: readonly string[], work: () => Promise<void>): Promise<void> {
	watchOutput();
	try {
		await work();
	} catch (error) {
		process.exitCode = report(error, argv);
	}
	await stopTelemetry();
	try {
		await flushOutput();
	} catch (error) {
		process.exitCode = report(error, argv);
	}
	process.exit();
}

function report(error: unknown, argv: readonly string[]): number {
	const end = argv.indexOf('--');
	const json = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
	if (!json) return logsJson() ? logError(error) : reportError(error);
	const { document, exitCode } = describeError(error);
	process.stderr.write(`${JSON.stringify(document)}\n`);
	return exitCode;
}

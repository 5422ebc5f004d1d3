import { Config, Errors, run } from '@oclif/core';
import { assertCommand } from './assert-command.ts';
import { logsJson } from './log-format.ts';
import { stopTelemetry } from './record-calls.ts';
import { describeError, logError, reportError } from './report-error.ts';
import { flushOutput, watchOutput } from './stdout.ts';
import { withToolHelp } from './tool-help.ts';

/**
 * Runs the command line and ends the process. An error is printed and becomes the exit code. It does not wait for what a
 * plugin in this process left behind, such as a timer: the command has closed what it opened.
 */
export async function main(argv: readonly string[], root: string): Promise<void> {
	watchOutput();
	try {
		const config = await Config.load({ root, userPlugins: false, devPlugins: false });
		// `orchestra help call`, as many know it from elsewhere.
		const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
		assertCommand(words, config);
		await run(withToolHelp(words), config);
	} catch (error) {
		process.exitCode = reportStartError(error, argv);
	}
	await stopTelemetry();
	try {
		await flushOutput();
	} catch (error) {
		process.exitCode = reportStartError(error, argv);
	}
	process.exit();
}

/** An error of before a command ran, or one that it left to us. */
function reportStartError(error: unknown, argv: readonly string[]): number {
	const end = argv.indexOf('--');
	const json = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
	if (error instanceof Errors.ExitError || (!json && !logsJson())) return reportError(error);
	if (!json) return logError(error);
	const { document, exitCode } = describeError(error);
	process.stderr.write(`${JSON.stringify(document)}\n`);
	return exitCode;
}

import { Config, Errors, run } from '@oclif/core';
import { assertCommand } from './assert-command.ts';
import { describeError, reportError } from './report-error.ts';
import { tolerateClosedStdout } from './stdout.ts';

/**
 * Runs the command line and ends the process. An error is printed and becomes the exit code. It does not wait for what a
 * plugin in this process left behind, such as a timer: the command has closed what it opened.
 */
export async function main(argv: readonly string[], root: string): Promise<void> {
	tolerateClosedStdout();
	try {
		const config = await Config.load(root);
		// `orchestra help call`, as many know it from elsewhere.
		const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
		assertCommand(words, config);
		await run(words, config);
	} catch (error) {
		process.exitCode = reportStartError(error, argv);
	}
	await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
	process.exit();
}

/** Settles when everything written so far has left this process. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((resolve) => {
		if (stream.writableLength === 0) resolve();
		else stream.write('', () => resolve());
	});
}

/** An error of before a command ran, or one that it left to us. */
function reportStartError(error: unknown, argv: readonly string[]): number {
	const end = argv.indexOf('--');
	const json = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
	if (!json || error instanceof Errors.ExitError) return reportError(error);
	const { document, exitCode } = describeError(error);
	process.stderr.write(`${JSON.stringify(document)}\n`);
	return exitCode;
}

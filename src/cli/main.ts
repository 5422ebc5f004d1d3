import { Config, run } from '@oclif/core';
import { assertCommand } from './assert-command.ts';
import { reportError } from './report-error.ts';
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
		const end = argv.indexOf('--');
		const json = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
		process.exitCode = reportError(error, { json });
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

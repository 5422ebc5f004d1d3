import { Config, run } from '@oclif/core';
import { reportError } from './report-error.ts';

/** Runs the command line. Never rejects: an error is printed and becomes the exit code of the process. */
export async function main(argv: readonly string[], root: string): Promise<void> {
	try {
		const config = await Config.load(root);
		await run([...argv], config);
	} catch (error) {
		const end = argv.indexOf('--');
		const json = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
		process.exitCode = reportError(error, { json });
	}
}

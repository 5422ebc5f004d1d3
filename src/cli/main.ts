import { Config, Errors, run } from '@oclif/core';
import { assertCommand } from './assert-command.ts';
import { exitCodes } from './exit-code.ts';
import { frameworkError } from './framework-error.ts';
import { runToExit } from './run-to-exit.ts';
import { withToolHelp } from './tool-help.ts';

/** Runs the command line by the command framework and ends the process. */
export function main(argv: readonly string[], root: string): Promise<void> {
	return runToExit(argv, async () => {
		try {
			const config = await Config.load({ root, userPlugins: false, devPlugins: false });
			// `orchestra help call`, as many know it from elsewhere.
			const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
			assertCommand(words, config);
			await run(withToolHelp(words), config);
		} catch (error) {
			if (!(error instanceof Errors.ExitError)) throw frameworkError(error);
			process.exitCode = error.oclif.exit ?? exitCodes.ok;
		}
	});
}

import { makeCall, readCall } from './call-tool.ts';
import { readDirectWords } from './direct-words.ts';
import { chooseLogFormat } from './log-format.ts';
import { runToExit } from './run-to-exit.ts';
import { withTarget } from './with-target.ts';

/**
 * Calls a tool without the command framework, whose loading and start are a fifth of what a person waits for here, and ends the process.
 * Returns where the framework is to read the words: all that is not plain.
 *
 * @param argv the words of the command line, from `call` on
 */
export async function callDirectly(argv: readonly string[]): Promise<void> {
	// Set, the framework takes it for --json.
	if (process.env.ORCHESTRA_CONTENT_TYPE !== undefined) return;
	const call = readDirectWords(argv.slice(1));
	if (!call) return;
	const { target, tool, words, flags } = call;
	await runToExit(argv, async () => {
		chooseLogFormat(undefined);
		await withTarget(target, { ...flags, spawn: false }, async (session) => {
			await makeCall(session, await readCall(session, tool, words, flags), flags);
		});
	});
}

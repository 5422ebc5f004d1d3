import { assertListed } from '../../../cli/listed-arguments.ts';
import { argumentsOf, splitWord } from '../../../cli/tool-arguments.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import type { Ui } from '../ui.ts';
import { DetailMode } from './detail-mode.ts';
import { findTool } from './open-call.ts';

/** Calls a tool with words as those of `orchestra call`, and opens the call. What is wrong is said. */
export async function callByWords(ui: Ui, name: string, words: readonly string[]): Promise<void> {
	try {
		const tool = findTool(await ui.feed.listTools(), name);
		const read = words.map(splitWord);
		const file = read.find((word) => word.file !== undefined);
		if (file) {
			throw new OrchestraError('usage', `${file.key} names a file`, {
				hint: 'Files are read by `orchestra call`; write the value here.',
			});
		}
		const args = argumentsOf(read, undefined, tool.inputSchema);
		assertListed(args, tool.inputSchema, tool.name);
		const id = ui.feed.call(tool, args);
		ui.resume();
		ui.show('calls');
		ui.enter(new DetailMode(ui, 'calls', id));
	} catch (error) {
		ui.complain(error);
	}
}

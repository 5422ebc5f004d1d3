import { readFileSync } from 'node:fs';
import { Document, isMap, isSeq, parseDocument } from 'yaml';
import type { ListedTool } from '../../runtime/client/listings.ts';
import { replaceFile } from '../../toolchain/replace-file.ts';
import { sampleArguments } from '../subject/sample-arguments.ts';
import type { Outcome } from './run-case.ts';
import type { CasesFile, TestCase } from './test-case.ts';

/**
 * Writes what calls came to as the expectations of their cases. Everything else of the file stays as it is, comments too; a crash
 * leaves the old file or the new one.
 */
export async function recordOutcomes(
	file: CasesFile,
	outcomes: ReadonlyMap<TestCase, Outcome>,
): Promise<void> {
	if (outcomes.size === 0) return;
	const document = parseDocument(readFileSync(file.file, 'utf8'));
	const list = document.get('cases');
	if (!isSeq(list)) return;
	for (const [i, test] of file.cases.entries()) {
		const outcome = outcomes.get(test);
		const node = list.items[i];
		if (outcome && isMap(node)) node.set('expect', document.createNode(expectationOf(outcome)));
	}
	replaceFile(file.file, document.toString({ lineWidth: 120 }));
}

/** Makes a file with a case for each tool whose schema tells how it may be called. They expect nothing yet. */
export async function writeNewCases(path: string, tools: readonly ListedTool[]): Promise<void> {
	const cases: { call: string; with?: object }[] = [];
	for (const { name, inputSchema } of tools) {
		const args = await sampleArguments(inputSchema);
		if (args) cases.push({ call: name, ...(Object.keys(args).length > 0 ? { with: args } : {}) });
	}
	const document = new Document({ cases });
	document.commentBefore = ' Calls of the plugin with what they have to come to: orchestra test runs them.';
	replaceFile(path, document.toString({ lineWidth: 120 }));
}

function expectationOf({ error, chunks, result }: Outcome): object {
	if (error) return { error: error.code };
	return chunks ? { chunks } : { result };
}

import type { StatedCall } from '../subject/call-finder.ts';
import type { CasesFile } from './test-case.ts';

/** The calls that cases say succeed: conformance checks make them, too. */
export function statedCalls(files: readonly CasesFile[]): StatedCall[] {
	return files.flatMap(({ cases, storage }) =>
		// Conformance has nothing stored beforehand.
		storage.size > 0
			? []
			: cases.flatMap(({ call, args, slow, expect }) =>
					call === undefined || expect?.error
						? []
						: [{ tool: call, args, slow, streaming: expect?.chunks !== undefined }],
				),
	);
}

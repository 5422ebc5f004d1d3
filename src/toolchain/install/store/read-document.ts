import { readFileSync, statSync } from 'node:fs';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** Bytes of a registry, an integrity file or a lock file. */
const maxBytes = 16 * 1024 * 1024;

/** Milliseconds for another program to finish writing: the Go side writes in place, so half of a document can be seen. */
const settleMs = 2_000;
const pollMs = 20;

/**
 * The JSON object in a file, and its text; undefined where there is no such file.
 *
 * @param what what the file is to people: "the registry of plugins"
 * @throws OrchestraError `registry_unusable`
 */
export function readDocument(
	path: string,
	what: string,
): { readonly text: string; readonly value: Record<string, unknown> } | undefined {
	const end = Date.now() + settleMs;
	for (;;) {
		let text: string;
		try {
			if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) {
				throw unusable(path, what, 'is larger than 16 MiB');
			}
			text = readFileSync(path, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			if (error instanceof OrchestraError) throw error;
			throw unusable(path, what, `cannot be read: ${(error as Error).message}`, error);
		}
		try {
			const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
			if (isObject(value)) return { text, value };
		} catch (error) {
			if (Date.now() < end) {
				pause(pollMs);
				continue;
			}
			throw unusable(path, what, `is no JSON: ${(error as Error).message}`, error);
		}
		throw unusable(path, what, 'holds no JSON object');
	}
}

/** Waits without giving way: targets are resolved synchronously, and this happens only while another program writes. */
function pause(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function unusable(path: string, what: string, why: string, cause?: unknown): OrchestraError {
	return new OrchestraError('registry_unusable', `${what} ${path} ${why}`, {
		hint: 'Another program may be writing it: try again. If it is damaged, mend it or move it away.',
		details: { path },
		cause,
	});
}

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { messageOf } from '../runtime/wire/thrown-value.ts';

/** Facts about a running server, from its info file. */
export interface ServerInfo {
	readonly pid: number;
	readonly addresses: readonly string[];
	readonly plugins: readonly { readonly id: string; readonly state: string }[];
}

/**
 * A file that says where a server runs while it runs, so that an editor or a script finds it. It is there whole or not at all, and
 * goes when the process ends, however it can notice that.
 */
export class InfoFile implements Disposable {
	readonly #path: string;
	readonly #text: string;

	/** @throws OrchestraError `output_failed` where it cannot be written */
	constructor(path: string, info: ServerInfo) {
		this.#path = path;
		this.#text = `${JSON.stringify(info, undefined, '\t')}\n`;
		const aside = `${path}.${process.pid}`;
		try {
			writeFileSync(aside, this.#text, { mode: 0o600 });
			renameSync(aside, path);
		} catch (cause) {
			rmSync(aside, { force: true });
			throw new OrchestraError('output_failed', `${path} cannot be written: ${messageOf(cause)}`, {
				hint: 'Name a file in a folder that exists and can be written to.',
				cause,
			});
		}
		process.once('exit', this.#remove);
	}

	[Symbol.dispose](): void {
		process.off('exit', this.#remove);
		this.#remove();
	}

	/** Takes it away, where no other server has written its own there meanwhile. */
	readonly #remove = (): void => {
		try {
			if (readFileSync(this.#path, 'utf8') === this.#text) rmSync(this.#path, { force: true });
		} catch {
			// It is gone already.
		}
	};
}

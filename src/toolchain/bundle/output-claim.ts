import { join } from 'node:path';
import { makeFolders } from '../../runtime/platform/make-folders.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type FileLock, takeFileLock } from '../file-lock.ts';
import { outputFailure } from './output-failure.ts';

/** Milliseconds that a build waits while another one writes its files: that takes far less. */
const waitMs = 2_000;

/**
 * The right to write into the folder of a build's output, which one process has at a time: of two that write there the files of one could
 * stand beside the manifest of the other.
 */
export class OutputClaim implements Disposable {
	readonly #dir: string;
	#lock: FileLock | undefined;

	/** @param dir the folder of the output; absolute */
	constructor(dir: string) {
		this.#dir = dir;
	}

	/**
	 * Takes it, unless it is held still; makes the folder where it is missing.
	 *
	 * @throws OrchestraError `usage` where another process has it, or the folder cannot be written; `no_space`
	 */
	async take(): Promise<void> {
		if (this.#lock?.isHeld()) return;
		this.#lock?.release();
		this.#lock = undefined;
		const dir = this.#dir;
		try {
			makeFolders(dir);
			this.#lock = await takeFileLock(join(dir, '.orchestra-build.lock'), {
				waitMs,
				held: (pid) =>
					new OrchestraError(
						'usage',
						`${dir} is being written by another orchestra build${pid === undefined ? '' : ` (process ${pid})`}`,
						{
							hint: 'End that one, as with Ctrl-C where it watches, or choose another folder with --out.',
							details: { dir, ...(pid === undefined ? {} : { pid }) },
							retryable: true,
						},
					),
			});
		} catch (error) {
			throw outputFailure(dir, error);
		}
	}

	[Symbol.dispose](): void {
		this.#lock?.release();
		this.#lock = undefined;
	}
}

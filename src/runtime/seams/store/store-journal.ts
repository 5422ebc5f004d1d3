import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';

/** A line that waits to be written. */
interface Waiting {
	readonly line: string;
	resolve(): void;
	reject(error: OrchestraError): void;
}

/** Bytes of a journal above which it is written anew, if most of it is history. */
const compactAboveBytes = 1024 * 1024;

/**
 * A file of lines, which are on the disk when {@link append} resolves. Lines that come while others are written are written and synced
 * together. Where one cannot be written nothing more is: what was said to be kept is what the file holds.
 */
export class StoreJournal {
	readonly path: string;
	#file: FileHandle;
	#bytes: number;
	/** Bytes when it was last written anew. */
	#baseBytes: number;
	#waiting: Waiting[] = [];
	#writing: Promise<void> | undefined;
	#fault: OrchestraError | undefined;

	private constructor(path: string, file: FileHandle, bytes: number) {
		this.path = path;
		this.#file = file;
		this.#bytes = bytes;
		this.#baseBytes = bytes;
	}

	/** Opens a journal that has been read, and writes it as `lines`: what a process that was killed left half is gone then. */
	static async open(path: string, lines: readonly string[]): Promise<StoreJournal> {
		const bytes = await writeAnew(path, lines);
		return new StoreJournal(path, await open(path, 'a'), bytes);
	}

	/** Whether it is worth writing anew. */
	get isLong(): boolean {
		return this.#bytes > compactAboveBytes && this.#bytes > 4 * this.#baseBytes;
	}

	/** @throws OrchestraError `no_space`, `storage_unavailable`; from then on each */
	append(line: string): Promise<void> {
		if (this.#fault) return Promise.reject(this.#fault);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ line, resolve, reject });
			this.#writing ??= this.#write();
		});
	}

	/** Resolves when all that was appended so far is on the disk. @throws OrchestraError as {@link append} */
	settled(): Promise<void> {
		if (this.#fault) return Promise.reject(this.#fault);
		return this.#writing ? this.append('') : Promise.resolve();
	}

	/** Writes it anew, with `lines` in the place of all. @param lines asked for when nothing waits to be written */
	async compact(lines: () => readonly string[]): Promise<void> {
		await this.#writing;
		if (this.#fault) return;
		this.#writing = (async () => {
			try {
				const bytes = await writeAnew(this.path, lines());
				await this.#file.close();
				this.#file = await open(this.path, 'a');
				this.#bytes = bytes;
				this.#baseBytes = bytes;
			} catch (error) {
				this.#fail(error);
			}
			this.#writing = undefined;
			if (this.#waiting.length > 0) this.#writing = this.#write();
		})();
		await this.#writing;
	}

	async close(): Promise<void> {
		while (this.#writing) await this.#writing;
		this.#fault ??= new OrchestraError('storage_unavailable', `the store ${this.path} is closed`);
		await this.#file.close();
	}

	async #write(): Promise<void> {
		while (this.#waiting.length > 0 && !this.#fault) {
			const batch = this.#waiting;
			this.#waiting = [];
			const text = batch.map(({ line }) => (line ? `${line}\n` : '')).join('');
			try {
				if (text) {
					await this.#file.appendFile(text);
					await this.#file.datasync();
				}
			} catch (error) {
				this.#waiting = [...batch, ...this.#waiting];
				this.#fail(error);
				break;
			}
			this.#bytes += Buffer.byteLength(text);
			for (const { resolve } of batch) resolve();
		}
		this.#writing = undefined;
	}

	#fail(error: unknown): void {
		const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
		const fault = new OrchestraError(
			full ? 'no_space' : 'storage_unavailable',
			`the store ${this.path} cannot be written: ${messageOf(error)}`,
			{ hint: 'Mend that, and open it again: it holds all that was acknowledged.', cause: error },
		);
		this.#fault = fault;
		for (const { reject } of this.#waiting) reject(fault);
		this.#waiting = [];
	}
}

/** Writes a file whole or not at all. @returns its bytes */
async function writeAnew(path: string, lines: readonly string[]): Promise<number> {
	const text = lines.map((line) => `${line}\n`).join('');
	const scratch = `${path}.new`;
	const file = await open(scratch, 'w', 0o600);
	try {
		await file.writeFile(text);
		await file.sync();
	} catch (error) {
		await file.close();
		await rm(scratch, { force: true });
		throw error;
	}
	await file.close();
	await rename(scratch, path);
	return Buffer.byteLength(text);
}

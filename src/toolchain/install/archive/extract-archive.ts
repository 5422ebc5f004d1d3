import { closeSync, createReadStream, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { ReadEntry } from 'tar';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { binarySize } from '../../binary-size.ts';
import { fileFailure } from '../store/file-failure.ts';
import { type ArchiveLimits, archiveLimits } from './archive-limits.ts';
import { archiveRefused } from './archive-refused.ts';
import { EntryPaths } from './entry-paths.ts';

/** Types of entries, as the library names them, that are a file with its bytes. */
const fileTypes = new Set(['File', 'OldFile', 'ContiguousFile']);

/** Names of other types for people. */
const typeNames: Record<string, string> = {
	Link: 'a hard link',
	SymbolicLink: 'a symbolic link',
	CharacterDevice: 'a device',
	BlockDevice: 'a device',
	FIFO: 'a named pipe',
};

/**
 * Unpacks a gzipped tar archive of a stranger into an empty folder that only we write to. It holds files and folders only, each under
 * a path of its own; links, devices and whatever leads out are refused, and so is what is larger than the limits. What was written
 * until then is for the caller to remove.
 *
 * The file system is written by us: of the library only the reader of the format is used, which makes no file.
 *
 * @throws OrchestraError `archive_refused`, `no_space`, `target_not_found`; `cancelled` when the signal aborts
 */
export async function extractArchive(
	archive: string,
	into: string,
	options: { readonly limits?: ArchiveLimits; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
	const limits = options.limits ?? archiveLimits;
	const name = basename(archive);
	const refuse = (why: string, cause?: unknown) => archiveRefused(name, why, cause);
	const { size } = statSync(archive);
	if (size > limits.archiveBytes) throw refuse(`is larger than ${binarySize(limits.archiveBytes)}`);
	const { Parser } = await import('tar');

	const paths = new EntryPaths(limits);
	let entries = 0;
	let announced = 0;
	let unpacked = 0;
	let open: number | undefined;

	/** Judges an entry by its header, before a byte of it is read. */
	const judge = (written: string, entry: ReadEntry): boolean => {
		if (++entries > limits.entries) throw refuse(`has more than ${limits.entries} files and folders`);
		const isFile = fileTypes.has(entry.type);
		if (!isFile && entry.type !== 'Directory') {
			const shown = JSON.stringify(written.slice(0, 200));
			throw refuse(`has ${typeNames[entry.type] ?? `an entry of type ${entry.type}`}: ${shown}`);
		}
		if (entry.size > limits.fileBytes) {
			throw refuse(`has a file larger than ${binarySize(limits.fileBytes)}: ${JSON.stringify(written)}`);
		}
		announced += entry.size;
		if (announced > limits.unpackedBytes)
			throw refuse(`unpacks to more than ${binarySize(limits.unpackedBytes)}`);
		return true;
	};

	const write = (entry: ReadEntry): void => {
		const isFile = fileTypes.has(entry.type);
		let path: string | undefined;
		try {
			path = paths.add(entry.path, isFile);
		} catch (error) {
			throw refuse((error as Error).message);
		}
		if (!isFile || path === undefined) {
			if (path !== undefined) mkdirSync(join(into, path), { recursive: true, mode: 0o755 });
			entry.resume();
			return;
		}
		const target = join(into, path);
		mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
		// 'wx' follows nothing and replaces nothing. Only the permission to execute is taken from the archive.
		const file = openSync(target, 'wx', (entry.mode ?? 0) & 0o100 ? 0o755 : 0o644);
		open = file;
		entry.on('data', (chunk: Buffer) => writeAll(file, chunk));
		entry.on('end', () => {
			closeSync(file);
			open = undefined;
		});
	};

	const parser = new Parser({
		strict: true,
		brotli: false,
		zstd: false,
		filter: (path, entry) => judge(path, entry as ReadEntry),
		onReadEntry: write,
	});
	let failure: unknown;
	parser.on('error', (error) => {
		failure ??= error;
	});
	// A header of metadata that is too long for the library, which would leave the next entry under another name.
	parser.on('ignoredEntry', () => {
		failure ??= refuse('has metadata of more than 1 MiB');
	});

	let ended = false;
	parser.on('eof', () => {
		ended = true;
	});

	const source = createReadStream(archive);
	const plain = source.pipe(createGunzip());
	source.on('error', (error) => plain.destroy(error));
	try {
		for await (const chunk of plain as AsyncIterable<Buffer>) {
			if (options.signal?.aborted) throw new OrchestraError('cancelled', 'nothing was installed');
			if (unpacked === 0 && chunk[0] === 0x1f && chunk[1] === 0x8b) throw refuse('is packed twice');
			unpacked += chunk.length;
			// Bytes behind the end of the archive count too: they cost time to unpack.
			if (unpacked > limits.unpackedBytes + 1024 * limits.entries) {
				throw refuse(`unpacks to more than ${binarySize(limits.unpackedBytes)}`);
			}
			// The library would keep it all.
			if (!ended) parser.write(chunk);
			if (failure) throw failure;
		}
		parser.end();
		if (failure) throw failure;
		if (entries === 0) throw refuse('is empty');
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		const { code = '', tarCode, message } = error as NodeJS.ErrnoException & { tarCode?: string };
		if (tarCode || /^Z_|^ERR_BUFFER/.test(code) || code === 'ERR_STREAM_PREMATURE_CLOSE') {
			throw refuse(`is damaged: ${message}`, error);
		}
		throw fileFailure(into, error);
	} finally {
		source.destroy();
		plain.destroy();
		if (open !== undefined) closeSync(open);
	}
}

/** One call of the system may write less than it was given. */
function writeAll(file: number, chunk: Uint8Array): void {
	for (let offset = 0; offset < chunk.length; ) offset += writeSync(file, chunk, offset);
}

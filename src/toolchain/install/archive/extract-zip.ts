import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Entry, ZipFile } from 'yauzl';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { binarySize } from '../../binary-size.ts';
import { fileFailure } from '../store/file-failure.ts';
import { type ArchiveLimits, archiveLimits } from './archive-limits.ts';
import { archiveRefused } from './archive-refused.ts';
import { EntryPaths } from './entry-paths.ts';

/** End of a signed bundle; the archive lies before its other end. */
const signatureEnd = 'MCPB_SIG_END';
const signatureBegin = 'MCPB_SIG_V1';

/** Bits of the mode of a file that say what it is. */
const typeBits = 0o170000;
const typeNames = new Map([
	[0o120000, 'a symbolic link'],
	[0o060000, 'a device'],
	[0o020000, 'a device'],
	[0o010000, 'a named pipe'],
	[0o140000, 'a socket'],
]);
const folderType = 0o040000;
const fileType = 0o100000;

/**
 * Unpacks a zip archive of a stranger into an empty folder that only we write to, by the same rules as a tar archive: files and folders
 * only, each under a path of its own, within the limits. What was written until then is for the caller to remove.
 *
 * Only the library's reader of the format is used: it stops where a file has more bytes than the archive says.
 *
 * @throws OrchestraError `archive_refused`, `no_space`, `target_not_found`; `cancelled` when the signal aborts
 */
export async function extractZip(
	archive: string,
	into: string,
	options: { readonly limits?: ArchiveLimits; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
	const limits = options.limits ?? archiveLimits;
	const refuse = (why: string, cause?: unknown) => archiveRefused(basename(archive), why, cause);
	if (statSync(archive).size > limits.archiveBytes)
		throw refuse(`is larger than ${binarySize(limits.archiveBytes)}`);
	let zip: ZipFile | undefined;
	try {
		zip = await open(withoutSignature(readFileSync(archive)));
		if (zip.entryCount > limits.entries) throw refuse(`has more than ${limits.entries} files and folders`);
		if (zip.entryCount === 0) throw refuse('is empty');
		const paths = new EntryPaths(limits);
		let announced = 0;
		for await (const entry of zip.eachEntry()) {
			if (options.signal?.aborted) throw new OrchestraError('cancelled', 'nothing was installed');
			const shown = JSON.stringify(entry.fileName.slice(0, 200));
			const isFile = !entry.fileName.endsWith('/');
			const mode = entry.externalFileAttributes >>> 16;
			const type = mode & typeBits;
			const fitting = type === 0 || type === (isFile ? fileType : folderType);
			if (!fitting) throw refuse(`has ${typeNames.get(type) ?? 'an entry of a type of its own'}: ${shown}`);
			if (entry.isEncrypted()) throw refuse(`has a file that is encrypted: ${shown}`);
			if (entry.uncompressedSize > limits.fileBytes)
				throw refuse(`has a file larger than ${binarySize(limits.fileBytes)}: ${shown}`);
			announced += entry.uncompressedSize;
			if (announced > limits.unpackedBytes)
				throw refuse(`unpacks to more than ${binarySize(limits.unpackedBytes)}`);
			let path: string | undefined;
			try {
				path = paths.add(entry.fileName, isFile);
			} catch (error) {
				throw refuse((error as Error).message);
			}
			if (path === undefined) continue;
			const target = join(into, path);
			mkdirSync(isFile ? dirname(target) : target, { recursive: true, mode: 0o755 });
			if (isFile) await writeEntry(zip, entry, target, (mode & 0o100) !== 0);
		}
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		// Errors of the library and of zlib are about the archive; errors of the file system name their call.
		if ((error as NodeJS.ErrnoException).syscall === undefined)
			throw refuse(`is damaged: ${(error as Error).message}`, error);
		throw fileFailure(into, error);
	} finally {
		zip?.close();
	}
}

async function open(bytes: Buffer): Promise<ZipFile> {
	const { fromBufferPromise } = await import('yauzl');
	// It checks sizes and names by itself, too.
	return fromBufferPromise(bytes, { lazyEntries: true, autoClose: false, strictFileNames: true });
}

async function writeEntry(zip: ZipFile, entry: Entry, target: string, isExecutable: boolean): Promise<void> {
	const stream = await zip.openReadStreamPromise(entry);
	// 'wx' follows nothing and replaces nothing. Only the permission to execute is taken from the archive.
	const file = openSync(target, 'wx', isExecutable ? 0o755 : 0o644);
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			for (let from = 0; from < chunk.length; ) from += writeSync(file, chunk, from);
		}
	} finally {
		closeSync(file);
		stream.destroy();
	}
}

/** The archive of a signed bundle without its signature, which nobody here judges. */
function withoutSignature(bytes: Buffer): Buffer {
	if (bytes.subarray(-signatureEnd.length).toString('latin1') !== signatureEnd) return bytes;
	const at = bytes.lastIndexOf(signatureBegin);
	return at < 0 ? bytes : bytes.subarray(0, at);
}

/** A file for {@link packArchive}. */
export interface ArchiveFile {
	/** Relative, with `/`; at most 100 bytes. */
	readonly path: string;
	readonly content: Uint8Array;
	readonly executable?: boolean;
}

/** The time of every file: the one that npm uses, so that the archive says nothing of when it was made. */
const fileTime = new Date('1985-10-26T08:15:00.000Z');

const blockSize = 512;

/**
 * A gzipped tar archive. The same files give the same bytes on every machine and runtime: the order is that of the paths, owners and
 * times are fixed, and the compressor is in JavaScript, since those of Node and Deno differ.
 */
export async function packArchive(files: readonly ArchiveFile[]): Promise<Uint8Array> {
	const [{ Header }, { gzipSync }] = await Promise.all([import('tar'), import('fflate')]);
	const blocks: Uint8Array[] = [];
	const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
	for (const { path, content, executable } of sorted) {
		const header = new Header({
			path,
			mode: executable ? 0o755 : 0o644,
			uid: 0,
			gid: 0,
			size: content.byteLength,
			mtime: fileTime,
			type: 'File',
		});
		const block = Buffer.alloc(blockSize);
		if (header.encode(block, 0)) throw new RangeError(`${path} is too long a path for an archive`);
		blocks.push(block, content, new Uint8Array(-content.byteLength & (blockSize - 1)));
	}
	blocks.push(new Uint8Array(2 * blockSize));
	// A time of 0 is "no time" in a gzip header.
	return gzipSync(Buffer.concat(blocks), { level: 9, mtime: 0 });
}

const MiB = 1024 * 1024;

/** Limits on what an archive may make us read and write. Beyond any of these it is refused, with nothing of it left behind. */
export interface ArchiveLimits {
	/** Bytes of the archive as it lies on disk. */
	readonly archiveBytes: number;
	/** Bytes of everything in it, unpacked, headers included. */
	readonly unpackedBytes: number;
	/** Bytes of one file in it. */
	readonly fileBytes: number;
	/** Files and folders. */
	readonly entries: number;
	/** UTF-8 bytes of a path. */
	readonly pathBytes: number;
	/** Folders that a file may lie in. */
	readonly depth: number;
}

/** The limits of `orchestra install`. */
export const archiveLimits: ArchiveLimits = {
	archiveBytes: 256 * MiB,
	unpackedBytes: 512 * MiB,
	fileBytes: 256 * MiB,
	entries: 20_000,
	pathBytes: 512,
	depth: 32,
};

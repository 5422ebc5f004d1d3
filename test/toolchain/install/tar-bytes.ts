import { gzipSync } from 'node:zlib';

/** An entry of an archive as somebody may write it, well or not. */
export interface RawEntry {
	readonly name: string;
	readonly content?: string | Uint8Array;
	/** `0` file, `1` hard link, `2` link, `3` character device, `5` folder, `6` pipe, `x` metadata. Default a file. */
	readonly type?: string;
	readonly link?: string;
	/** What the header says, where it is not the size of the content. */
	readonly size?: number;
	readonly mode?: number;
}

/** The header of an entry. Written here, not by the library that reads it. */
export function tarHeader({
	name,
	content = '',
	type = '0',
	link = '',
	size,
	mode = 0o644,
}: RawEntry): Buffer {
	const block = Buffer.alloc(512);
	const octal = (value: number, offset: number, length: number) =>
		block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
	block.write(name, 0, 100);
	octal(mode, 100, 8);
	octal(0, 108, 8);
	octal(0, 116, 8);
	octal(size ?? Buffer.byteLength(content), 124, 12);
	octal(0, 136, 12);
	block.fill(' ', 148, 156);
	block.write(type, 156);
	block.write(link, 157, 100);
	block.write('ustar\0' + '00', 257, 'latin1');
	octal(
		[...block].reduce((sum, byte) => sum + byte, 0),
		148,
		7,
	);
	return block;
}

/** The bytes of an archive, not compressed. */
export function tarBytes(entries: readonly RawEntry[]): Buffer {
	const blocks = entries.flatMap((entry) => {
		const content = Buffer.from(entry.content ?? '');
		return [tarHeader(entry), content, Buffer.alloc(-content.length & 511)];
	});
	return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A gzipped archive. */
export function tgz(entries: readonly RawEntry[]): Buffer {
	return gzipSync(tarBytes(entries));
}

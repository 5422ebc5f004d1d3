import { propertyBytes } from './decoded-size.ts';
import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';
import { setOwn } from './set-own.ts';

/** Writes a `map<string, string>` field. Entries that are undefined are left out. */
export function writeTextMap(
	writer: MessageWriter,
	tag: number,
	map: Readonly<Record<string, string>>,
): void {
	const keys = Object.keys(map);
	for (let i = keys.length - 1; i >= 0; i--) {
		const key = keys[i] as string;
		const value = map[key];
		if (value === undefined) continue;
		const before = writer.size;
		writer.string(value);
		writer.varint(0x12);
		writer.string(key);
		writer.varint(0x0a);
		writer.close(before, tag);
	}
}

/** Reads one entry of a `map<string, string>` field into the map; of equal keys the last one counts. */
export function readTextEntry(
	reader: MessageReader,
	map: Record<string, string> = {},
): Record<string, string> {
	reader.charge(propertyBytes);
	const outer = reader.enter();
	let key = '';
	let value = '';
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) key = reader.key();
		else if (tag === 0x12) value = reader.string();
		else reader.skip(tag);
	}
	reader.leave(outer);
	setOwn(map, key, value);
	return map;
}

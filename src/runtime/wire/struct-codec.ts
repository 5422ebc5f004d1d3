import type { Reader, Writer } from 'protobufjs';
import type { JsonObject, JsonValue } from './json-value.ts';
import { maxNestingDepth } from './limits.ts';
import { OrchestraError } from './orchestra-error.ts';

/** The codec of google.protobuf.Struct, in the shape that the generated code calls. */
export const structCodec = {
	encode(value: unknown, writer: Writer, _depth?: number): Writer {
		return writeStruct(copyStruct(value), writer);
	},
	decode(reader: Reader, length: number, _end?: number, _depth?: number, target?: JsonObject): JsonObject {
		return readStruct(reader, length, 1, target);
	},
};

/** A deep copy of an object, by the rules of the codec. */
export function copyStruct(value: unknown): JsonObject {
	const copy = copyValue(value);
	if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) {
		throw new OrchestraError('not_json', 'the value is no object');
	}
	return copy;
}

/** A deep copy of a JSON value, by the rules of the codec. */
export function copyValue(value: unknown): JsonValue {
	return copy(value, '', 1, true);
}

function notJson(path: string, what: string): OrchestraError {
	return new OrchestraError('not_json', `${what} at ${JSON.stringify(path)} cannot be expressed in JSON`);
}

function copy(value: unknown, path: string, depth: number, askToJson: boolean): JsonValue {
	if (value === undefined || value === null) return null;
	if (typeof value === 'boolean') return value;
	if (typeof value === 'string') return Buffer.from(value).toString();
	if (typeof value === 'number') {
		if (!Number.isFinite(value)) throw notJson(path, String(value));
		return value;
	}
	if (typeof value !== 'object') throw notJson(path, `a ${typeof value}`);
	const source = value as Record<string, unknown>;
	if (askToJson && !ArrayBuffer.isView(value) && typeof source['toJSON'] === 'function') {
		return copy(source['toJSON'](path.slice(path.lastIndexOf('/') + 1)), path, depth, false);
	}
	if (depth > maxNestingDepth) throw tooDeep();
	if (Array.isArray(value))
		return Array.from(value, (item, i) => copy(item, `${path}/${i}`, depth + 1, true));
	const tag = Object.prototype.toString.call(value);
	if (tag !== '[object Object]') throw notJson(path, tag);
	const result: JsonObject = {};
	for (const key of Object.keys(source)) {
		const item = source[key];
		if (item === undefined) continue;
		setOwn(result, Buffer.from(key).toString(), copy(item, `${path}/${key}`, depth + 1, true));
	}
	return result;
}

function tooDeep(): OrchestraError {
	return new OrchestraError('nesting_too_deep', `the value is nested deeper than ${maxNestingDepth} levels`);
}

function setOwn(target: JsonObject, key: string, value: JsonValue): void {
	Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function writeStruct(value: JsonObject, writer: Writer): Writer {
	for (const key of Object.keys(value)) {
		writer.uint32(10).fork().uint32(10).string(key);
		writeValue(value[key] as JsonValue, writer.uint32(18).fork());
		writer.ldelim().ldelim();
	}
	return writer;
}

function writeValue(value: JsonValue, writer: Writer): void {
	if (value === null) writer.uint32(8).uint32(0);
	else if (typeof value === 'number') writer.uint32(17).double(value);
	else if (typeof value === 'string') writer.uint32(26).string(value);
	else if (typeof value === 'boolean') writer.uint32(32).bool(value);
	else if (Array.isArray(value)) {
		writer.uint32(50).fork();
		for (const item of value) {
			writeValue(item, writer.uint32(10).fork());
			writer.ldelim();
		}
		writer.ldelim();
	} else writeStruct(value, writer.uint32(42).fork()).ldelim();
}

function fields(reader: Reader, length: number, take: (tag: number) => boolean): void {
	const end = reader.pos + length;
	if (end > reader.len) throw new RangeError('a length points past the end');
	while (reader.pos < end) {
		const tag = reader.uint32();
		if (!take(tag)) reader.skipType(tag & 7, 0, tag >>> 3);
	}
	if (reader.pos !== end) throw new RangeError('a field runs over the end of its message');
}

function readStruct(reader: Reader, length: number, depth: number, target: JsonObject = {}): JsonObject {
	if (depth > maxNestingDepth) throw tooDeep();
	fields(reader, length, (tag) => {
		if (tag !== 10) return false;
		let key = '';
		let value: JsonValue = null;
		fields(reader, reader.uint32(), (entryTag) => {
			if (entryTag === 10) key = reader.stringVerify();
			else if (entryTag === 18) value = readValue(reader, reader.uint32(), depth, value);
			else return false;
			return true;
		});
		setOwn(target, key, value);
		return true;
	});
	return target;
}

function readValue(reader: Reader, length: number, depth: number, before: JsonValue): JsonValue {
	let value = before;
	fields(reader, length, (tag) => {
		if (tag === 8) {
			reader.uint32();
			value = null;
		} else if (tag === 17) {
			const number = reader.double();
			if (!Number.isFinite(number))
				throw new OrchestraError('not_json', `${number} cannot be expressed in JSON`);
			value = number;
		} else if (tag === 26) value = reader.stringVerify();
		else if (tag === 32) value = reader.bool();
		else if (tag === 42) {
			const merged = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
			value = readStruct(reader, reader.uint32(), depth + 1, merged);
		} else if (tag === 50) {
			if (depth >= maxNestingDepth) throw tooDeep();
			const list: JsonValue[] = Array.isArray(value) ? value : [];
			fields(reader, reader.uint32(), (itemTag) => {
				if (itemTag !== 10) return false;
				list.push(readValue(reader, reader.uint32(), depth + 1, null));
				return true;
			});
			value = list;
		} else return false;
		return true;
	});
	return value;
}

// Requests that cost a reader the most for their bytes, written as bytes: no writer of ours would make all of them.

/** Bytes of a request besides the values that are repeated in it, at most. */
const aroundBytes = 256;

/**
 * A part of a message: its bytes, and the same as JSON.
 *
 * @typedef {{ readonly bytes: Uint8Array, readonly json: string }} Part
 */

/**
 * What the arguments hold, as many times as there is room: the Values of one list, or the entries of one object.
 *
 * @type {Record<string, { kind: 'list' | 'object', item: (index: number) => Part }>}
 */
const repeated = {
	'nothing but {}': { kind: 'list', item: () => value(struct()) },
	'nothing but []': { kind: 'list', item: () => value(list()) },
	'values without a kind': { kind: 'list', item: () => value() },
	'small numbers': { kind: 'list', item: (index) => value(number(index % 100)) },
	'short texts of three-byte characters': {
		kind: 'list',
		item: (index) => value(text(index % 2 ? '語' : '日')),
	},
	'texts with U+FFFD': { kind: 'list', item: (index) => value(text(`\ufffd${name(index, 20)}`)) },
	'lists in lists': { kind: 'list', item: () => value(nested(97)) },
	'different names': { kind: 'object', item: (index) => entry(name(index, 4)) },
	'different long names': { kind: 'object', item: (index) => entry(name(index, 40)) },
	'numbers as names': { kind: 'object', item: (index) => entry(String(scattered(index))) },
	'one name again and again': { kind: 'object', item: () => entry('a') },
	'__proto__ as the only name': { kind: 'list', item: () => value(struct(entry('__proto__'))) },
	'objects with one name, each another': {
		kind: 'list',
		item: (index) => value(struct(entry(name(index, 4)))),
	},
	'objects with thirty of 4,096 names': {
		kind: 'list',
		item: (index) => {
			const names = Array.from({ length: 30 }, (_, at) => name(scattered(30 * index + at) % 4096, 2));
			return value(struct(...names.map((each) => entry(each))));
		},
	},
	'different names with an empty object each': {
		kind: 'object',
		item: (index) => entry(name(index, 4), struct()),
	},
	'a different name after four known ones': {
		kind: 'object',
		item: (index) => entry(index % 5 ? 'a' : name(index, 4)),
	},
	'texts of thirteen characters': { kind: 'list', item: (index) => value(text(name(index, 13))) },
	'texts of thirteen three-byte characters': {
		kind: 'list',
		item: (index) => value(text('日本語'.charAt(index % 3).repeat(13))),
	},
	'texts of twenty-four characters': { kind: 'list', item: (index) => value(text(name(index, 24))) },
	'texts of forty characters': { kind: 'list', item: (index) => value(text(name(index, 40))) },
	'lists of two numbers': { kind: 'list', item: () => value(list(value(number(1)), value(number(2)))) },
	'nothing but true': { kind: 'list', item: () => value(yes) },
	'numbers as names, from the highest down': {
		kind: 'object',
		item: (index) => entry(String(3_000_000 - index)),
	},
	'numbers as names, from 1,800,000 up': {
		kind: 'object',
		item: (index) => entry(String(1_800_000 + index)),
	},
	'numbers as names, between them as many others': {
		kind: 'object',
		item: (index) => entry(index % 2 ? name(index, 4) : String(3_000_000 - index)),
	},
};

/** Their names. */
export const worstMessages = Object.keys(repeated);

/**
 * A request's payload that is made of the worst, and its arguments as JSON.
 *
 * @param {string} which one of {@link worstMessages}
 * @param {number} bytes how large the payload may be
 * @returns {{ payload: Buffer, json: string }}
 */
export function worstMessage(which, bytes) {
	const made = repeated[which];
	if (!made) throw new Error(`there is no message of ${which}`);
	const { kind, item } = made;
	/** @type {Part[]} */
	const parts = [];
	for (let left = bytes - aroundBytes, index = 0; ; index++) {
		const next = item(index);
		left -= next.bytes.length;
		if (left < 0) break;
		parts.push(next);
	}
	const { bytes: given, json } = struct(entry('all', kind === 'list' ? listOf(parts) : structOf(parts)));
	const call = Buffer.concat([field(1, utf8('tool')), field(2, contentOf(given))]);
	return { payload: Buffer.concat([field(1, utf8('request')), field(20, call)]), json };
}

/**
 * An item of a list; null without a kind.
 *
 * @param {Part} kind the field of its Value
 * @returns {Part}
 */
function value(kind = none) {
	return { bytes: field(1, kind.bytes), json: kind.json };
}

/**
 * @param {string} key
 * @param {Part} kind
 * @returns {Part}
 */
function entry(key, kind = none) {
	const bytes = field(1, Buffer.concat([field(1, utf8(key)), field(2, kind.bytes)]));
	return { bytes, json: `${JSON.stringify(key)}:${kind.json}` };
}

/** @param {Part[]} entries */
function struct(...entries) {
	return structOf(entries);
}

/**
 * @param {Part[]} entries
 * @returns {Part}
 */
function structOf(entries) {
	return { bytes: field(5, Buffer.concat(entries.map(({ bytes }) => bytes))), json: `{${jsonOf(entries)}}` };
}

/** @param {Part[]} items */
function list(...items) {
	return listOf(items);
}

/**
 * @param {Part[]} items
 * @returns {Part}
 */
function listOf(items) {
	return { bytes: field(6, Buffer.concat(items.map(({ bytes }) => bytes))), json: `[${jsonOf(items)}]` };
}

/** @param {Part[]} parts */
function jsonOf(parts) {
	return parts.map(({ json }) => json).join(',');
}

/** @param {number} levels */
function nested(levels) {
	let inner = list();
	for (let level = 1; level < levels; level++) inner = list(value(inner));
	return inner;
}

/**
 * @param {number} content
 * @returns {Part}
 */
function number(content) {
	const bytes = Buffer.alloc(9, 0x11);
	bytes.writeDoubleLE(content, 1);
	return { bytes, json: String(content) };
}

/**
 * @param {string} content
 * @returns {Part}
 */
function text(content) {
	return { bytes: field(3, utf8(content)), json: JSON.stringify(content) };
}

/**
 * A name for each index; those of the first 64 to the power of its length are different.
 *
 * @param {number} index
 * @param {number} length
 */
function name(index, length) {
	let made = '';
	for (let rest = index; made.length < length; rest = Math.floor(rest / letters.length)) {
		made += letters[rest % letters.length];
	}
	return made;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

/**
 * A number of 32 bits for each index, in no order.
 *
 * @param {number} index
 */
function scattered(index) {
	const mixed = Math.imul(index ^ (index >>> 16), 0x45d9f3b);
	return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** @param {string} content */
function utf8(content) {
	return Buffer.from(content);
}

/**
 * A field that has a length.
 *
 * @param {number} id
 * @param {Uint8Array} content
 */
function field(id, content) {
	return Buffer.concat([varint(8 * id + 2), varint(content.length), content]);
}

/**
 * What a field holds that has a length.
 *
 * @param {Uint8Array} bytes
 */
function contentOf(bytes) {
	let at = 1;
	while ((bytes[at] ?? 0) >= 0x80) at++;
	return bytes.subarray(at + 1);
}

/** @type {Part} */
const yes = { bytes: Uint8Array.of(0x20, 1), json: 'true' };

/** @type {Part} */
const none = { bytes: new Uint8Array(0), json: 'null' };

/** @param {number} given */
function varint(given) {
	/** @type {number[]} */
	const bytes = [];
	let rest = given;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
	return Uint8Array.of(...bytes, rest);
}

/**
 * Bytes of memory that a message may take once it is decoded, and those that it took, as {@link MessageReader} estimates them. One
 * object may serve many messages, one after the other.
 */
export interface DecodedSize {
	/** Set before a message is decoded. */
	most: number;
	/** Set when it is decoded. */
	taken: number;
}

/*
 * Memory of the values of a message besides its own length, which pays for texts and bytes. Measured on V8 with 64-bit pointers.
 * Estimates: a list of numbers is taken for three times of what it is, a list of very short texts for three quarters, the rest for what lies between.
 */

/** An object without properties, and its place in what holds it. */
export const objectBytes = 72;
/** A property, with its name, its share of the shape or table that knows the name, and the head of a text in it. */
export const propertyBytes = 56;
/** Bytes that a table of properties takes more than properties in a shape. */
export const tableBytes = 64;
/** An empty array, and its place in what holds it. A list of one item has no room for more. */
export const listBytes = 48;
/** An array with items: V8 makes room for 17 with the second. */
export const filledListBytes = 184;
/** Each item, with the room that a growing array keeps free and most of the head of a text in it. */
export const itemBytes = 24;
/** A message of a repeated field, before its fields. */
export const messageBytes = 128;

/** A place that V8 keeps for a property whose name is an array index. */
export const slotBytes = 8;
/** V8 makes places for all names up to an index unless that is so far beyond those that it has. */
const farSlots = 1024;
/** Up to so many places it does not ask how many of them are used. */
const unaskedSlots = 5000;
/** Beyond that it makes at most so many for each property. */
const slotsOfProperty = 27;

/**
 * The places that V8 makes in an object that has `slots` of them, for a property whose name is an array index beyond those: `{"1000": 0}` has
 * 1,517. -1 where it looks names up in a table from now on, which the properties themselves are counted for.
 */
export function slotsWith(index: number, slots: number, properties: number): number {
	if (index - slots >= farSlots) return -1;
	const wanted = index + 1 + ((index + 1) >> 1) + 16;
	return wanted > unaskedSlots && wanted > properties * slotsOfProperty ? -1 : wanted;
}

/** A table of names has at least so many entries for each of them, rounded up to a power of two. */
const entriesOfProperty = 1.5;
/** V8 prefers places to a table as long as they are at most so many for an entry of it: three times its three words. */
const slotsOfEntry = 9;

/**
 * The places that V8 makes in an object when it knows all of its properties whose names are array indices, as JSON.parse does: for all up to
 * the highest, or 0 where a table is so much smaller that it makes one.
 */
export function slotsMadeAtOnce(highest: number, properties: number): number {
	const entries = 2 ** Math.ceil(Math.log2(properties * entriesOfProperty));
	return highest < entries * slotsOfEntry ? highest + 1 : 0;
}

/** Properties that are enough for {@link slotsMadeAtOnce}. */
export function propertiesForSlots(highest: number): number {
	return Math.ceil((highest + 1) / slotsOfEntry / entriesOfProperty);
}

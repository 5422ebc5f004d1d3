/**
 * How many bytes of memory a message may take once it is decoded, and how many it took, as {@link MessageReader} estimates them. One
 * object may serve many messages, one after the other.
 */
export interface DecodedSize {
	/** Set before a message is decoded. */
	most: number;
	/** Set when it is decoded. */
	taken: number;
}

/*
 * What the values of a message take besides its own length, which pays for texts and bytes. Measured on V8 with 64-bit pointers.
 * Estimates: a list of numbers is taken for three times of what it is, a list of very short texts for three quarters, the rest for what lies between.
 */

/** An object without properties, and its place in what holds it. */
export const objectBytes = 72;
/** A property, with its name, its share of the shape or table that knows the name, and the head of a text in it. */
export const propertyBytes = 56;
/** An empty array, and its place in what holds it. */
export const listBytes = 48;
/** An array with items: V8 makes room for 17 at once. */
export const filledListBytes = 184;
/** Each item, with the room that a growing array keeps free and most of the head of a text in it. */
export const itemBytes = 24;
/** A message of a repeated field, before its fields. */
export const messageBytes = 128;

import { indices } from './array-index.ts';
import { propertiesForSlots, slotsMadeAtOnce } from './decoded-size.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { setOwn } from './set-own.ts';

/** Properties that an object takes one by one before it is worth collecting them. */
export const scatteredFrom = 1000;

/**
 * Properties whose names are array indices beyond the places of their object, collected until all are known. Set one by one they go
 * into a table, which V8 makes anew each time that it is full: names from 3,000,000 down took seven times as long as JSON.parse, which
 * knows all of them before it makes the object, and makes a place for each where they are close enough.
 */
export class ScatteredProperties {
	readonly #before: JsonObject;
	readonly #names: number[] = [];
	readonly #values: JsonValue[] = [];
	#highest = 0;

	/** @param before the properties that came before */
	constructor(before: JsonObject) {
		this.#before = before;
		for (const name of Object.keys(before)) {
			const index = Number(name);
			// Indices come first, from the lowest up.
			if (String(index) !== name || index >= indices) break;
			this.#highest = index;
		}
	}

	add(name: number, value: JsonValue): void {
		this.#names.push(name);
		this.#values.push(value);
		if (name > this.#highest) this.#highest = name;
	}

	/**
	 * The places that their object gets: 0 where the names are too far from each other, and stay in a table, and where other names are
	 * more, since all of those have to be copied.
	 *
	 * @param properties of the object in all
	 */
	slots(properties: number): number {
		return this.#names.length * 2 < properties ? 0 : slotsMadeAtOnce(this.#highest, this.#names.length);
	}

	/** An object with all properties, and with so many places. */
	object(slots: number): JsonObject {
		const object = slots === 0 ? this.#before : withPlaces(this.#before, this.#highest);
		for (let at = 0; at < this.#names.length; at++)
			object[this.#names[at] as number] = this.#values[at] as JsonValue;
		return object;
	}
}

/** The same properties in an object that has places for names up to the highest. JSON.parse counts a property each time that it comes. */
function withPlaces(before: JsonObject, highest: number): JsonObject {
	const property = `"${highest}":null`;
	const object = JSON.parse(
		`{${`${property},`.repeat(propertiesForSlots(highest))}${property}}`,
	) as JsonObject;
	for (const [name, value] of Object.entries(before)) setOwn(object, name, value);
	return object;
}

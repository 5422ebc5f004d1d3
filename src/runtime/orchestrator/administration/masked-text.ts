import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import type { KeptValue } from './call-events.ts';
import type { SecretFields } from './secret-fields.ts';

/** Stands for a secret. */
const mask = '***';

/** Characters of the shortest secret that is looked for in results: shorter ones are in every text. */
const shortestSought = 4;

/** Secrets of one call that are looked for in its result, at most. */
const mostSought = 64;

/** A value as text, and the secrets that were in it. */
export interface MaskedValue extends KeptValue {
	/** Texts of secrets that may stand in what the call answers. */
	readonly secrets: readonly string[];
}

/**
 * Writes a value as JSON with its secrets masked, up to a length.
 *
 * @param fields which fields are secret by the schema; undefined where none is
 * @param secrets texts that are secret wherever they stand
 */
export function maskedText(
	value: JsonValue | undefined,
	maxBytes: number,
	fields: SecretFields | undefined,
	secrets: readonly string[] = [],
): MaskedValue {
	const writer = new MaskingWriter(maxBytes, fields, secrets);
	writer.write(value ?? null, fields?.top());
	return { text: writer.text, truncated: writer.cut || (fields?.exhausted ?? false), secrets: writer.found };
}

/** A text with each of some secrets masked. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
	return secrets.reduce((shown, secret) => shown.replaceAll(secret, mask), text);
}

class MaskingWriter {
	readonly found: string[] = [];
	cut = false;
	text = '';
	#room: number;
	readonly #fields: SecretFields | undefined;
	readonly #secrets: readonly string[];

	constructor(maxBytes: number, fields: SecretFields | undefined, secrets: readonly string[]) {
		this.#room = maxBytes;
		this.#fields = fields;
		this.#secrets = secrets;
	}

	/** Writes a value. When the text is full, it goes on only to find the secrets. */
	write(value: JsonValue, schemas: readonly JsonObject[] | undefined): void {
		if (this.#over) return;
		if (schemas && this.#fields?.isSecret(schemas)) {
			this.#note(value);
			this.#add(`"${mask}"`);
		} else if (typeof value === 'string') this.#addString(value);
		else if (typeof value !== 'object' || value === null) this.#add(JSON.stringify(value) ?? 'null');
		else if (Array.isArray(value)) this.#writeList(value, schemas);
		else this.#writeObject(value, schemas);
	}

	get #over(): boolean {
		return this.cut && (!this.#fields || this.#fields.exhausted);
	}

	#writeList(list: readonly JsonValue[], schemas: readonly JsonObject[] | undefined): void {
		this.#add('[');
		for (const [index, item] of list.entries()) {
			if (this.#over) return;
			if (index > 0) this.#add(',');
			this.write(item, schemas && this.#fields?.ofItem(schemas, index));
		}
		this.#add(']');
	}

	#writeObject(object: JsonObject, schemas: readonly JsonObject[] | undefined): void {
		this.#add('{');
		let first = true;
		for (const name of Object.keys(object)) {
			if (this.#over) return;
			const value = object[name];
			if (value === undefined) continue;
			if (!first) this.#add(',');
			first = false;
			this.#addString(name);
			this.#add(':');
			this.write(value, schemas && this.#fields?.ofProperty(schemas, name));
		}
		this.#add('}');
	}

	#note(value: JsonValue): void {
		if (typeof value === 'object' && value !== null) {
			for (const each of Object.values(value)) if (each !== undefined) this.#note(each);
			return;
		}
		const text = String(value);
		if (text.length < shortestSought || typeof value === 'boolean' || value === null) return;
		if (this.found.length < mostSought && !this.found.includes(text)) this.found.push(text);
	}

	#addString(text: string): void {
		if (this.cut) return;
		// Secrets first: what is cut could leave a part of one.
		this.#add(JSON.stringify(withoutSecrets(text, this.#secrets).slice(0, this.#room + 1)));
	}

	#add(piece: string): void {
		if (this.cut) return;
		const bytes = Buffer.byteLength(piece);
		if (bytes <= this.#room) {
			this.text += piece;
			this.#room -= bytes;
			return;
		}
		this.cut = true;
		// Not in the middle of a character.
		const end = Buffer.from(piece)
			.subarray(0, this.#room)
			.toString('utf8')
			.replace(/\uFFFD+$/, '');
		this.text += end;
		this.#room = 0;
	}
}

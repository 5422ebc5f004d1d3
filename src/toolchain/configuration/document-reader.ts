import { readDuration } from '../duration.ts';
import { booleanOf } from './check-schema.ts';
import type { FaultList } from './configuration-fault.ts';
import { entryOf, type YamlEntry, type YamlNode } from './yaml-node.ts';

/**
 * Reads typed values out of a document that was held to its schema. What does not fit the schema has been noted there and counts
 * as absent here, so that the rest of the file is looked at too.
 */
export class DocumentReader {
	readonly faults: FaultList;
	readonly #unfit: ReadonlySet<YamlNode>;
	readonly #oldBooleans: boolean;

	constructor(faults: FaultList, unfit: ReadonlySet<YamlNode>, oldBooleans: boolean) {
		this.faults = faults;
		this.#unfit = unfit;
		this.#oldBooleans = oldBooleans;
	}

	/** The entry of a key, unless it is unfit. */
	entry(node: YamlNode | undefined, key: string): YamlEntry | undefined {
		const entry = entryOf(node, key);
		return entry && !this.#unfit.has(entry.value) ? entry : undefined;
	}

	value(node: YamlNode | undefined, key: string): YamlNode | undefined {
		return this.entry(node, key)?.value;
	}

	/** The entries of a map, without those that are unfit. */
	entries(node: YamlNode | undefined): YamlEntry[] {
		return node?.kind === 'map' ? node.entries.filter(({ value }) => !this.#unfit.has(value)) : [];
	}

	/** The items of a list with their places in it, without those that are unfit. */
	items(node: YamlNode | undefined): { index: number; node: YamlNode }[] {
		if (node?.kind !== 'list') return [];
		return node.items
			.map((item, index) => ({ index, node: item }))
			.filter((item) => !this.#unfit.has(item.node));
	}

	/** A text as it is written: `1.10` stays `1.10`. */
	text(node: YamlNode | undefined): string | undefined {
		return node?.kind === 'scalar' ? node.text : undefined;
	}

	boolean(node: YamlNode | undefined): boolean | undefined {
		return node?.kind === 'scalar' ? booleanOf(node, this.#oldBooleans) : undefined;
	}

	number(node: YamlNode | undefined): number | undefined {
		return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
	}

	/** In milliseconds. */
	duration(node: YamlNode | undefined): number | undefined {
		const text = this.text(node);
		return text === undefined ? undefined : readDuration(text);
	}

	texts(node: YamlNode | undefined): string[] {
		return this.items(node).flatMap((item) => this.text(item.node) ?? []);
	}

	/** Texts by key, in an object that has no other properties, whatever the keys are. */
	textMap(node: YamlNode | undefined): Record<string, string> {
		const map: Record<string, string> = Object.create(null);
		for (const { key, value } of this.entries(node)) map[key] = this.text(value) ?? '';
		return map;
	}
}

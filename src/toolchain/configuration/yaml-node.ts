/** A place in a file. */
export interface Position {
	/** Counted from 1. */
	readonly line: number;
	/** Counted from 1, in UTF-16 units. */
	readonly column: number;
}

/** A text, number, boolean or nothing. */
export interface YamlScalar {
	readonly kind: 'scalar';
	readonly position: Position;
	readonly value: string | number | boolean | null;
	/** Text as it is written, without quotes: `1.10` stays `1.10`. */
	readonly text: string;
	/** Whether it is written without quotes. */
	readonly plain: boolean;
}

export interface YamlList {
	readonly kind: 'list';
	readonly position: Position;
	readonly items: readonly YamlNode[];
}

export interface YamlEntry {
	readonly key: string;
	/** Position of the key. */
	readonly position: Position;
	readonly value: YamlNode;
}

export interface YamlMap {
	readonly kind: 'map';
	readonly position: Position;
	/** In the order of the file; no key twice. */
	readonly entries: readonly YamlEntry[];
}

/** A part of a YAML document, with its place. Aliases and merged maps are resolved: a node has one parent. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** The entry of a key. */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
	return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

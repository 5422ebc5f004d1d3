import { type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { FaultList } from './configuration-fault.ts';
import { childPath, itemPath } from './key-path.ts';
import type { Position, YamlEntry, YamlMap, YamlNode } from './yaml-node.ts';
import { yamlSentence } from './yaml-sentence.ts';

/** Values that a file may hold once its aliases are resolved: a few lines of aliases can stand for billions. */
const maxNodes = 100_000;

/** Lexical tokens of a file, about seven to a line. What is made of nothing else would keep the parser busy for many seconds. */
const maxTokens = 250_000;

/** Levels that a file may be nested. */
const maxDepth = 100;

const standardTag = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/**
 * Reads a YAML document: the core schema of YAML 1.2, with aliases and merge keys.
 *
 * @returns undefined where there is nothing in it, or only faults
 */
export function parseYaml(text: string, faults: FaultList): YamlNode | undefined {
	if (hasTooManyTokens(text)) {
		faults.add('', { line: 1, column: 1 }, `there are more than ${maxTokens} marks, words and blanks in it`);
		return undefined;
	}
	const nul = text.indexOf('\0');
	const lines = new LineCounter();
	const at = (offset: number): Position => {
		const { line, col } = lines.linePos(offset);
		// Before the first line is known there is only one place.
		return { line: Math.max(1, line), column: Math.max(1, col) };
	};
	let document: Document.Parsed;
	try {
		document = parseDocument(text, {
			lineCounter: lines,
			prettyErrors: false,
			// Ours is not quadratic, and names the key.
			uniqueKeys: false,
			schema: 'core',
			logLevel: 'error',
			stringKeys: false,
		}) as Document.Parsed;
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		faults.add('', { line: 1, column: 1 }, 'it is nested too deeply');
		return undefined;
	}
	if (nul >= 0) faults.add('', at(nul), 'there is a NUL character here');
	for (const error of document.errors) {
		const several = error.code === 'MULTIPLE_DOCS';
		faults.add(
			'',
			at(error.pos[0]),
			several ? 'a second document begins here; a configuration is one' : yamlSentence(error.message),
		);
	}
	if (faults.faults.length > 0) return undefined;
	const node = document.contents === null ? undefined : convert(document, at, faults);
	return faults.faults.length > 0 ? undefined : node;
}

function hasTooManyTokens(text: string): boolean {
	let left = maxTokens;
	for (const _ of new Lexer().lex(text)) if (--left < 0) return true;
	return false;
}

function convert(
	document: Document.Parsed,
	at: (offset: number) => Position,
	faults: FaultList,
): YamlNode | undefined {
	/** The last anchor of each name so far: nodes are met in the order of the file, however often an alias repeats them later. */
	const anchors = new Map<string, unknown>();
	const met = new Set<unknown>();
	const targets = new Map<unknown, unknown>();
	const open = new Set<unknown>();
	let left = maxNodes;
	let spent = false;

	const positionOf = (node: unknown, otherwise: Position): Position => {
		const range = (node as { range?: [number, number, number] | null } | null)?.range;
		return range ? at(range[0]) : otherwise;
	};

	function nodeOf(source: unknown, path: string, otherwise: Position, depth: number): YamlNode | undefined {
		const position = positionOf(source, otherwise);
		if (spent) return undefined;
		left -= 1;
		if (left < 0) {
			spent = true;
			faults.add(path, position, `there are more than ${maxNodes} values, aliases resolved`);
			return undefined;
		}
		if (depth > maxDepth) {
			faults.add(path, position, `it is nested deeper than ${maxDepth} levels`);
			return undefined;
		}
		const first = !met.has(source);
		met.add(source);
		if (isAlias(source)) {
			if (first) targets.set(source, anchors.get(source.source));
			const target = targets.get(source);
			if (target === undefined) {
				faults.add(path, position, `there is no anchor &${source.source} before this alias`);
				return undefined;
			}
			if (open.has(target)) {
				faults.add(path, position, `the alias *${source.source} stands within its own anchor`);
				return undefined;
			}
			return nodeOf(target, path, position, depth + 1);
		}
		const { tag, anchor } = (source ?? {}) as { tag?: string; anchor?: string };
		if (anchor !== undefined && first) anchors.set(anchor, source);
		if (tag !== undefined && !standardTag.test(tag)) {
			faults.add(path, position, 'tags such as !this are not understood here');
			return undefined;
		}
		open.add(source);
		try {
			if (isMap(source)) return mapOf(source, path, position, depth);
			if (isSeq(source)) {
				const items = source.items.flatMap(
					(item, index) => nodeOf(item, itemPath(path, index), position, depth + 1) ?? [],
				);
				return { kind: 'list', position, items };
			}
		} finally {
			open.delete(source);
		}
		if (!isScalar(source)) return { kind: 'scalar', position, value: null, text: '', plain: true };
		const { value, source: written, type } = source;
		const plain = type === 'PLAIN' || type === undefined;
		if (value === null) return { kind: 'scalar', position, value, text: '', plain };
		if (typeof value === 'number' || typeof value === 'boolean') {
			return { kind: 'scalar', position, value, text: written ?? String(value), plain };
		}
		return { kind: 'scalar', position, value: String(value), text: String(value), plain };
	}

	function mapOf(
		source: { items: { key: unknown; value: unknown }[] },
		path: string,
		position: Position,
		depth: number,
	): YamlMap {
		const entries = new Map<string, YamlEntry>();
		const merged: YamlEntry[] = [];
		for (const { key, value } of source.items) {
			const keyPosition = positionOf(key, position);
			if (!isScalar(key)) {
				faults.add(path, keyPosition, 'a key has to be a text');
				continue;
			}
			const name = key.value === null ? (key.source ?? '') : String(key.source ?? key.value);
			const child = childPath(path, name);
			if (entries.has(name)) {
				faults.add(child, keyPosition, 'this key is here twice');
				continue;
			}
			const node = nodeOf(value, child, keyPosition, depth + 1);
			if (!node) continue;
			if (name === '<<' && key.type === 'PLAIN') {
				for (const map of node.kind === 'list' ? node.items : [node]) {
					if (map.kind === 'map') merged.push(...map.entries);
					else faults.add(child, map.position, 'only a map can be merged');
				}
				continue;
			}
			entries.set(name, { key: name, position: keyPosition, value: node });
		}
		// An entry of the map itself wins, then the first that is merged.
		for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
		return { kind: 'map', position, entries: [...entries.values()] };
	}

	return nodeOf(document.contents, '', { line: 1, column: 1 }, 0);
}

import type { JsonValue } from '../../../src/runtime/wire/json-value.ts';

/** A YAML text, and where in it each value stands. */
export interface WrittenYaml {
	readonly text: string;
	/** `line:column` by the path of the key. */
	readonly positions: ReadonlyMap<string, string>;
}

/**
 * Writes a value as YAML, in a style that `choose` decides, so that the reader's places can be held against ones that it did not make.
 *
 * @param choose a number from 0 to below its argument
 */
export function writeYaml(value: JsonValue, choose: (below: number) => number): WrittenYaml {
	const positions = new Map<string, string>();
	let text = choose(2) ? '# first\n' : '';

	const mark = (path: string) => {
		const lines = text.split('\n');
		positions.set(path, `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`);
	};
	const childPath = (path: string, key: string) =>
		/^[\w-]+$/.test(key) ? (path ? `${path}.${key}` : key) : `${path}[${JSON.stringify(key)}]`;

	function scalar(part: JsonValue): string {
		if (typeof part !== 'string') return JSON.stringify(part);
		return /^[a-z][a-z-]*$/.test(part) && choose(2) ? part : JSON.stringify(part);
	}

	/** Within brackets and braces, on one line. */
	function flow(part: JsonValue, path: string): void {
		mark(path);
		if (typeof part !== 'object' || part === null) {
			text += scalar(part);
		} else if (Array.isArray(part)) {
			text += '[';
			for (const [index, item] of part.entries()) {
				if (index > 0) text += choose(2) ? ', ' : ',   ';
				flow(item, `${path}[${index}]`);
			}
			text += ']';
		} else {
			text += choose(2) ? '{' : '{ ';
			for (const [index, [key, item]] of Object.entries(part).entries()) {
				if (index > 0) text += ', ';
				text += `${scalar(key)}: `;
				flow(item as JsonValue, childPath(path, key));
			}
			text += '}';
		}
	}

	/** What stands behind a colon or a dash: on the same line, or below it. */
	function block(part: JsonValue, path: string, indent: string, afterDash: boolean): void {
		const isEmpty = typeof part !== 'object' || part === null || Object.keys(part).length === 0;
		if (isEmpty || choose(4) === 0) {
			text += ' ';
			flow(part, path);
			text += choose(4) ? '\n' : ' # said\n';
			return;
		}
		let first = afterDash;
		if (first) text += ' ';
		else text += '\n';
		const begin = () => {
			if (!first) text += indent;
			else first = false;
			if (!positions.has(path)) mark(path);
		};
		if (Array.isArray(part)) {
			for (const [index, item] of part.entries()) {
				begin();
				text += '-';
				block(item, `${path}[${index}]`, `${indent}  `, true);
			}
			return;
		}
		for (const [key, item] of Object.entries(part)) {
			begin();
			text += `${scalar(key)}:`;
			block(item as JsonValue, childPath(path, key), `${indent}${choose(2) ? '  ' : '    '}`, false);
		}
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) flow(value, '');
	else {
		for (const [key, item] of Object.entries(value)) {
			if (!positions.has('')) mark('');
			text += `${key}:`;
			block(item as JsonValue, key, '  ', false);
		}
	}
	return { text, positions };
}

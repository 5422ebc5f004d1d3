import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileSchema } from '../../runtime/plugin/input/schema-compiler.ts';
import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { setOwn } from '../../runtime/wire/set-own.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import { checkSchema } from '../../toolchain/configuration/check-schema.ts';
import { FaultList, unreadableConfiguration } from '../../toolchain/configuration/configuration-fault.ts';
import { childPath, itemPath } from '../../toolchain/configuration/key-path.ts';
import { parseYaml } from '../../toolchain/configuration/parse-yaml.ts';
import { readTextFile, UnusableFile } from '../../toolchain/configuration/read-text-file.ts';
import { entryOf, type YamlNode } from '../../toolchain/configuration/yaml-node.ts';
import { readDuration } from '../../toolchain/duration.ts';
import { shownPath } from '../../toolchain/shown-path.ts';
import { casesSchema } from './cases-schema.ts';
import type { CasesFile, Expectation, ExpectedError, TestCase } from './test-case.ts';

/** Bytes that a file with cases may have. */
const maxFileBytes = 4 * 1024 * 1024;

const hint = 'docs/testing-plugins.md says what a file with cases may hold.';

/** The files with cases of a folder, by name. */
export function findCases(folder: string): string[] {
	return readdirSync(folder)
		.filter((name) => /\.cases\.ya?ml$/.test(name))
		.sort()
		.map((name) => join(folder, name));
}

/**
 * Reads a file with cases, and checks all of it.
 *
 * @throws OrchestraError `invalid_configuration`, with the line and the key of each fault
 */
export async function readCases(file: string, cwd: string = process.cwd()): Promise<CasesFile> {
	const shown = shownPath(file, cwd);
	let text: string;
	try {
		text = readTextFile(file, maxFileBytes);
	} catch (error) {
		if (!(error instanceof UnusableFile)) throw error;
		throw unreadableConfiguration(shown, error.message, hint, error.cause);
	}
	const faults = new FaultList();
	const root = parseYaml(text, faults);
	faults.throwIfAny(shown, hint);
	if (!root) throw unreadableConfiguration(shown, 'is empty', hint);
	const rules = {
		unknownKeys: 'fault',
		emptyIsAbsent: false,
		oldBooleans: false,
		references: false,
	} as const;
	checkSchema(root, casesSchema, rules, faults);
	faults.throwIfAny(shown, hint);
	const list = entryOf(root, 'cases')?.value;
	const nodes = list?.kind === 'list' ? list.items : [];
	const cases = await Promise.all(nodes.map((node, i) => readCase(node, itemPath('cases', i), faults)));
	const names = new Set<string>();
	for (const [i, { name }] of cases.entries()) {
		const node = nodes[i];
		if (node && names.has(name))
			faults.add(itemPath('cases', i), node.position, `another case is named ${JSON.stringify(name)} too`);
		names.add(name);
	}
	faults.throwIfAny(shown, hint);
	const { config = {}, storage = {} } = jsonOf(root) as {
		config?: Record<string, string>;
		storage?: Record<string, Record<string, string>>;
	};
	return {
		file,
		shown,
		config,
		storage: new Map(
			Object.entries(storage).map(([type, entries]) => [type, new Map(Object.entries(entries))]),
		),
		cases,
	};
}

interface WrittenCase {
	name?: string;
	call?: string;
	prompt?: string;
	with?: JsonObject;
	slow?: boolean;
	timeout?: string;
	expect?: Omit<Expectation, 'error'> & { error?: string | ExpectedError };
}

async function readCase(node: YamlNode, path: string, faults: FaultList): Promise<TestCase> {
	const written = jsonOf(node) as WrittenCase;
	const { call, prompt, with: args = {}, slow = false, timeout, expect } = written;
	if ((call === undefined) === (prompt === undefined))
		faults.add(path, node.position, 'a case has either call, with a tool, or prompt');
	if (expect)
		await checkExpectation(expect, entryOf(node, 'expect')?.value, childPath(path, 'expect'), faults);
	const { error } = expect ?? {};
	const timeoutMs = timeout === undefined ? undefined : readDuration(timeout);
	return {
		name: written.name ?? defaultName(call ?? prompt ?? '', args),
		line: node.position.line,
		call,
		prompt,
		args,
		slow,
		timeoutMs,
		expect: expect && { ...expect, error: typeof error === 'string' ? { code: error } : error },
	};
}

function defaultName(subject: string, args: JsonObject): string {
	const words = Object.entries(args).map(
		([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
	);
	const text = [subject, ...words].join(' ');
	return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Finds what the schema of the file cannot say: patterns and schemas that are none, and what excludes another. */
async function checkExpectation(
	expect: NonNullable<WrittenCase['expect']>,
	node: YamlNode | undefined,
	path: string,
	faults: FaultList,
): Promise<void> {
	const at = (key: string) => entryOf(node, key)?.value.position ?? node?.position ?? { line: 1, column: 1 };
	const fault = (key: string, text: string) => faults.add(childPath(path, key), at(key), text);
	const patterns = [
		['matches', expect.matches],
		['error', typeof expect.error === 'object' ? expect.error.matches : undefined],
		...(expect.storage ?? []).map((entry) => ['storage', entry.matches] as const),
	] as const;
	for (const [key, pattern] of patterns) {
		if (pattern === undefined) continue;
		try {
			new RegExp(pattern, 'u');
		} catch (error) {
			fault(key, messageOf(error));
		}
	}
	if (expect.schema) {
		try {
			await compileSchema(expect.schema);
		} catch (error) {
			fault('schema', `it is no JSON Schema: ${messageOf(error)}`);
		}
	}
	const results = (['result', 'subset', 'schema', 'matches', 'chunks'] as const).filter(
		(key) => expect[key] !== undefined,
	);
	if (expect.error !== undefined && results.length > 0)
		fault('error', `a call that ends with an error has no ${results[0]}`);
}

/** The value that a node stands for. */
function jsonOf(node: YamlNode): JsonValue {
	if (node.kind === 'scalar') return node.value;
	if (node.kind === 'list') return node.items.map(jsonOf);
	const object: JsonObject = {};
	for (const { key, value } of node.entries) setOwn(object, key, jsonOf(value));
	return object;
}

/** @throws OrchestraError `usage` where there are no cases to run, though they were asked for */
export function assertCases(files: readonly string[], folder: string): void {
	if (files.length > 0) return;
	throw new OrchestraError('usage', `there is no *.cases.yaml in ${folder}`, {
		hint: 'Write one, or have one written with --record.',
	});
}

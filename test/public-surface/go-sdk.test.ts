import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as client from '../../src/runtime/client.ts';
import * as host from '../../src/runtime/host.ts';
import * as author from '../../src/runtime/index.ts';
import { goBinaries, titled } from '../interop/support/go-binaries.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const names = read('fixtures/sdk-go-1.0.6.txt').trim().split('\n');

/** A row of the tables in docs/go-sdk.md. */
interface Row {
	readonly go: string;
	readonly ours: readonly string[];
	readonly why: string;
}

const rows: Row[] = [...read('../../docs/go-sdk.md').matchAll(/^\| `([^`]+)` \| (.*?) \|(.*)\|$/gm)].map(
	([, go = '', ours = '', why = '']) => ({
		go,
		ours: [...ours.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
		why: why.trim(),
	}),
);

function covers({ go }: Row, name: string): boolean {
	const end = go.indexOf('*');
	return end < 0 ? go === name : name.startsWith(go.slice(0, end));
}

/** What the package exports, types too. */
const exported = new Set(
	['index', 'client', 'host']
		.flatMap((entry) => [...read(`../../src/runtime/${entry}.ts`).matchAll(/export (?:type )?\{([^}]*)\}/g)])
		.flatMap(([, list = '']) => list.split(',').map((name) => name.replace(/\btype\b/, '').trim())),
);

describe('the table of the Go SDK', () => {
	test('has a row for each exported name, and none for a name that is not there', () => {
		expect(names.filter((name) => !rows.some((row) => covers(row, name)))).toEqual([]);
		expect(rows.filter((row) => !names.some((name) => covers(row, name)))).toEqual([]);
		expect(new Set(rows.map(({ go }) => go)).size).toBe(rows.length);
	});

	test('names what the package exports, or says why there is nothing', () => {
		const values: Record<string, unknown> = { ...author, ...client, ...host };
		for (const { go, ours, why } of rows) {
			if (ours.length === 0) expect(why, go).not.toBe('');
			for (const name of ours) {
				const [head = '', method] = name.split('.');
				expect(exported, go).toContain(head);
				if (method === undefined) continue;
				const { prototype } = values[head] as { prototype: Record<string, unknown> };
				expect(prototype[method], `${go}: ${name}`).toBeTypeOf('function');
			}
		}
	});
});

const go = await goBinaries();

describe.skipIf(go.missing)(titled('the list of names', go), () => {
	test('is that of the SDK', () => {
		const cwd = fileURLToPath(new URL('../interop/go', import.meta.url));
		const listed = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/orchestra-mcp/sdk-go'], {
			cwd,
			encoding: 'utf8',
			env: { ...process.env, GOTOOLCHAIN: 'local' },
		});
		expect(listed.status, listed.stderr).toBe(0);
		const program = fileURLToPath(new URL('../interop/bin/exports', import.meta.url));
		const printed = spawnSync(program, [listed.stdout.trim()], { encoding: 'utf8' });
		expect(printed.stdout.trim().split('\n')).toEqual(names);
	});
});

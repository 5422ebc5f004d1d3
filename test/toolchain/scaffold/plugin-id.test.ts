import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlugin } from '../../../src/runtime/plugin/definition/create-plugin.ts';
import { assertNewId, idForFolder } from '../../../src/toolchain/scaffold/plugin-id.ts';

test.each([
	['weather', 'weather'],
	['My Plugin', 'My-Plugin'],
	['acme.weather', 'acme.weather'],
	['café', 'cafe'],
	['...hidden', 'hidden'],
	['a..b', 'a.b'],
	['end.', 'end'],
	['x'.repeat(100), 'x'.repeat(48)],
])('the id for folder %j is %j', (name, id) => {
	expect(idForFolder(join('/some', name))).toBe(id);
});

test.each(['日本', '---', 'ca', 'con', 'orchestrator'])('there is no id for folder %j', (name) => {
	expect(idForFolder(join('/some', name))).toBeUndefined();
});

test('an id made from a name can always name a plugin', () => {
	const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/[/\0]/.test(name));
	fc.assert(
		fc.property(names, (name) => {
			const id = idForFolder(`/some/${name}`);
			if (id !== undefined) expect(createPlugin(id).build().id).toBe(id);
		}),
	);
});

test.each(['', '.x', '-x', 'a b', 'a/b', '../x', 'x'.repeat(49), 'x-client'])('refuses the id %j', (id) => {
	expect(() => assertNewId(id)).toThrow(expect.objectContaining({ code: 'usage' }));
});

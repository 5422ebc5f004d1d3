import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownEntries } from '../../src/toolchain/installation.ts';

const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

// Names that programs import. One that goes, or comes, is a change to the changelog too.
test.each(Object.entries(ownEntries))(
	'orchestra-toolchain%s exports what it promises, and nothing by accident',
	async (name, module) => {
		expect(exports[`.${name}`]).toEqual({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` });
		const surface: object = await import(
			/* @vite-ignore */ new URL(`../../src/${module}.ts`, import.meta.url).href
		);
		expect(Object.keys(surface).sort()).toMatchSnapshot();
	},
);

test('package.json has no other entries', () => {
	const others = Object.keys(exports).filter((name) => !/\.json$/.test(name));
	expect(others.sort()).toEqual(
		Object.keys(ownEntries)
			.map((name) => `.${name}`)
			.sort(),
	);
});

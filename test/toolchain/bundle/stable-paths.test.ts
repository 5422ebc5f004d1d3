import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stablePath, stableSourceMap, withStablePaths } from '../../../src/toolchain/bundle/stable-paths.ts';
import { toolchainRoot } from '../../../src/toolchain/installation.ts';

test.each([
	['src/plugin.ts', 'src/plugin.ts'],
	['../shared/a.ts', '../shared/a.ts'],
	['node_modules/zod/v4/core.js', 'node_modules/zod/v4/core.js'],
	['../../elsewhere/node_modules/zod/v4/core.js', 'node_modules/zod/v4/core.js'],
	['node_modules/.pnpm/zod@4.0.0/node_modules/zod/v4/core.js', 'node_modules/zod/v4/core.js'],
	[
		join(toolchainRoot, 'dist/runtime/wire/frame.js'),
		'node_modules/orchestra-toolchain/dist/runtime/wire/frame.js',
	],
])('%s is called %s', (path, name) => {
	expect(stablePath(path, '/home/me/weather')).toBe(name);
});

test('a plugin in this checkout is called by its own folder', () => {
	expect(stablePath('plugin.ts', join(toolchainRoot, 'examples/weather'))).toBe('plugin.ts');
});

test('changes the names of modules in the code, and nothing else', () => {
	const inputs = ['../x/node_modules/a/i.js', 'plugin.ts'];
	const code = [
		'// ../x/node_modules/a/i.js',
		'var require_a = __commonJS({',
		'  "../x/node_modules/a/i.js"(exports) {',
		'    exports.path = "../x/node_modules/a/i.js";',
		'  }',
		'});',
		'// plugin.ts',
		'// see ../x/node_modules/a/i.js',
	].join('\n');
	expect(withStablePaths(code, inputs, '/home/me/weather').split('\n')).toEqual([
		'// node_modules/a/i.js',
		'var require_a = __commonJS({',
		'  "node_modules/a/i.js"(exports) {',
		'    exports.path = "../x/node_modules/a/i.js";',
		'  }',
		'});',
		'// plugin.ts',
		'// see ../x/node_modules/a/i.js',
	]);
});

test('changes the sources of a source map', () => {
	const map = JSON.stringify({ version: 3, sources: ['../x/node_modules/a/i.js'], mappings: 'AAAA' });
	expect(JSON.parse(stableSourceMap(map, '/home/me/weather', '/home/me/weather'))).toEqual({
		version: 3,
		sources: ['node_modules/a/i.js'],
		mappings: 'AAAA',
	});
});

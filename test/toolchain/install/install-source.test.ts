import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
	formatSource,
	parseSource,
	registryKey,
} from '../../../src/toolchain/install/source/install-source.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const dir = scratchFolder('source');
beforeAll(() => {
	mkdirSync(join(dir, 'weather'));
	for (const name of ['weather.tgz', 'plugin.ts', 'text.md', 'run']) writeFileSync(join(dir, name), '');
	chmodSync(join(dir, 'run'), 0o755);
});

test.each([
	['weather', { kind: 'folder' }],
	['./weather', { kind: 'folder' }],
	['plugin.ts', { kind: 'folder' }],
	['weather.tgz', { kind: 'archive' }],
	['./run', { kind: 'executable' }],
	['npm:weather', { kind: 'npm', spec: 'weather' }],
	['other', { kind: 'npm', spec: 'other' }],
	['other@^1.2', { kind: 'npm', spec: 'other@^1.2' }],
	['@acme/weather@next', { kind: 'npm', spec: '@acme/weather@next' }],
	['https://example.org/w.tgz', { kind: 'npm', spec: 'https://example.org/w.tgz' }],
	['git+https://example.org/w#v1', { kind: 'git', url: 'https://example.org/w', ref: 'v1' }],
	['https://example.org/w.git', { kind: 'git', url: 'https://example.org/w.git', ref: undefined }],
	['git@example.org:a/w.git#main', { kind: 'git', url: 'git@example.org:a/w.git', ref: 'main' }],
	['ssh://git@example.org/a/w', { kind: 'git', url: 'ssh://git@example.org/a/w', ref: undefined }],
	['github.com/acme/w@v1.0', { kind: 'git', url: 'https://github.com/acme/w.git', ref: 'v1.0' }],
])('%s', (word, expected) => {
	const source = parseSource(word, dir);
	expect(source).toMatchObject(expected);
	expect(parseSource(formatSource(source), '/')).toEqual(source);
	if ('path' in source) expect(parseSource(formatSource(source, dir), dir)).toEqual(source);
});

test.each([
	['', 'usage'],
	['--upload-pack=x', 'usage'],
	['git+https://example.org/w#--upload-pack=x', 'usage'],
	['https://me:pw@example.org/w.git', 'usage'],
	['w@https://me:pw@example.org/w.tgz', 'usage'],
	['a;b', 'usage'],
	['a b', 'usage'],
	['npm:../x', 'usage'],
	['./absent', 'target_not_found'],
	['absent.tgz', 'target_not_found'],
	['text.md', 'not_a_plugin'],
])('refuses %j', (word, code) => {
	expect(() => parseSource(word, dir)).toThrow(expect.objectContaining({ code }));
});

test.each([
	['npm:@acme/weather@^1', 'npm:@acme/weather'],
	['git+https://github.com/acme/w.git#v1', 'github.com/acme/w'],
	['git+ssh://git@example.org/w.git', 'ssh://git@example.org/w'],
])('the key of %s is %s', (word, key) => {
	expect(registryKey(parseSource(word, dir))).toBe(key);
});

import { join, relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { findAssets } from '../../../src/toolchain/bundle/carry/asset-references.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFiles } from '../write-files.ts';

const scratch = scratchFolder('assets');

beforeAll(() => {
	writeFiles(scratch, {
		'data/cities.json': '[]',
		'src/font.ttf': '',
		'src/words/de.txt': '',
		'src/m.wasm': '',
		'src/worker.js': '',
		'src/other.ts': '',
	});
});

const here =
	"import { dirname, join } from 'node:path';\nconst here = dirname(fileURLToPath(import.meta.url));\n";

test.each([
	['a URL', "new URL('./m.wasm', import.meta.url)", ['src/m.wasm']],
	['a URL of JSON', 'new URL("../data/cities.json", import.meta.url)', ['data/cities.json']],
	['a URL with a part that is put in', 'new URL(`./words/$' + '{lang}.txt`, import.meta.url)', ['src/words']],
	['a worker', "new Worker(new URL('./worker.js', import.meta.url))", ['src/worker.js']],
	['a folder', "new URL('./words/', import.meta.url)", ['src/words']],
	['import.meta.resolve', "import.meta.resolve('./font.ttf')", ['src/font.ttf']],
	['join with __dirname', "path.join(__dirname, '..', 'data', 'cities.json')", ['data/cities.json']],
	['join with a variable', `${here}readFileSync(join(here, 'words', 'de.txt'))`, ['src/words/de.txt']],
	['join with a name that is put in', `${here}readFileSync(join(here, 'words', name))`, ['src/words']],
	['a template', `${here}readFileSync(\`\${here}/words/\${name}.txt\`)`, ['src/words']],
	['a sum', "fs.readFileSync(__dirname + '/font.ttf')", ['src/font.ttf']],
	['import.meta.dirname', "join(import.meta.dirname, 'font.ttf')", ['src/font.ttf']],
	['a name alone, in a source that asks where it lies', `${here}const font = 'font.ttf';`, ['src/font.ttf']],
	[
		'an import of its own',
		`const require = createRequire(import.meta.url);\nrequire('./worker.js');`,
		['src/worker.js'],
	],
	['nothing that says where it lies', "readFileSync('font.ttf')", []],
	[
		'what is imported, and so in the bundle',
		`import cities from '../data/cities.json' with { type: 'json' };\n${here}`,
		[],
	],
	['a source that is imported', `${here}import other from './other.ts';`, []],
	['what is not there', "new URL('./absent.txt', import.meta.url)", []],
	['the folder that it lies in itself', "new URL('.', import.meta.url)", []],
	['an address', "new URL('https://example.org/font.ttf', import.meta.url)", []],
])('%s', (_what, source, expected) => {
	const found = findAssets(join(scratch, 'src/main.ts'), source);
	expect(found.map(({ path }) => relative(scratch, path))).toEqual(expected);
	for (const { line, column } of found) {
		expect(source.split('\n')[line - 1]?.slice(column - 1)).not.toBe('');
	}
});

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ownEntries } from '../../src/toolchain/installation.ts';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** What a program begins with: each has an example that can be copied whole. */
const main = [
	'connectPersistently',
	'createClient',
	'createPlugin',
	'defineSeam',
	'defineService',
	'dial',
	'embedded',
	'ensureIdentity',
	'goPlugin',
	'launched',
	'loadSeam',
	'markdownStorage',
	'mcpServer',
	'openSession',
	'Orchestrator',
	'runIfMain',
	'runPlugin',
	'serveService',
	'serviceClient',
	'sqliteStorage',
	'testHost',
];

/** Examples that are whole modules, by the name of what they explain. */
const examples = new Map<string, string>();
for (const entry of readdirSync(join(projectRoot, 'src'), { recursive: true, withFileTypes: true })) {
	if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
	const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
	const documented = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\nexport (?:async )?(?:function|class|const) (\w+)/g;
	for (const [, comment = '', name = ''] of text.matchAll(documented)) {
		const example = /@example\n((?: \*(?: (?!@).*)?\n)+)/.exec(`${comment}\n`)?.[1]?.replace(/^ \* ?/gm, '');
		if (example?.startsWith('import ')) examples.set(name, example);
	}
}

const folder = scratchFolder('examples');

test('what a program begins with has an example', () => {
	expect(main.filter((name) => !examples.has(name))).toEqual([]);
});

test('the examples can be copied: their types are right', () => {
	symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
	for (const [name, text] of examples) writeFileSync(join(folder, `${name}.ts`), text);
	const compilerOptions = {
		target: 'es2023',
		lib: ['es2023', 'esnext.disposable'],
		module: 'preserve',
		strict: true,
		noEmit: true,
		skipLibCheck: true,
		types: ['node'],
		paths: Object.fromEntries(
			Object.entries(ownEntries).map(([name, module]) => [
				`orchestra-toolchain${name}`,
				[join(projectRoot, 'dist', `${module}.d.ts`)],
			]),
		),
	};
	writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
	const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
	try {
		execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
	} catch (error) {
		expect.fail((error as { stdout: string }).stdout);
	}
});

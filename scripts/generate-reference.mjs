// Generates docs/reference/ from what it describes: the commands from the manifest of the build, the keys of orchestra.yaml from their JSON
// Schema, messages from proto/, error codes from their source. `--check` writes nothing and exits 1 where a page differs. After a merge: run it
// again, whatever the pages have become.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './reference/commands-page.mjs';
import { configurationPage } from './reference/configuration-page.mjs';
import { errorsPage } from './reference/errors-page.mjs';
import { protocolPage } from './reference/protocol-page.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs/reference');
const banner = '<!-- Made by `npm run generate:reference`. What is changed here by hand is lost. -->\n\n';

// The commands are those of the build.
const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], {
	stdio: 'inherit',
});
if (built.status !== 0) throw new Error('the build failed: there are no commands to describe');

const { page: errors, faults } = await errorsPage(root);
for (const fault of faults) {
	process.exitCode = 1;
	console.error(fault);
}

const pages = {
	'commands.md': commandsPage(root),
	'configuration.md': configurationPage(root),
	'errors.md': errors,
	'protocol.md': protocolPage(root),
};

const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
for (const [name, page] of Object.entries(pages)) {
	const path = join(folder, name);
	const text = `${banner}${page.replaceAll(/\n{3,}/g, '\n\n').trimEnd()}\n`;
	if (!check) writeFileSync(path, text);
	else if (textOf(path) !== text) {
		process.exitCode = 1;
		console.error(`docs/reference/${name} is out of date; run: npm run generate:reference`);
	}
}
for (const name of readdirSync(folder).filter((other) => !(other in pages))) {
	if (!check) rmSync(join(folder, name));
	else {
		process.exitCode = 1;
		console.error(`docs/reference/${name} is made by nothing; run: npm run generate:reference`);
	}
}

function textOf(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
		throw error;
	}
}

// Runs a smoke suite on each runtime that is promised: `npm run check:runtimes`. The Nodes come from the package `node`, by npx,
// so that they are no dependency. Deno is the one of the development dependencies.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const executable = join(root, 'bin/orchestra.js');
const scratch = mkdtempSync(join(tmpdir(), 'orchestra-runtimes-'));

/** Words, what the output has to match, and the exit code where it is not 0. @type {[string[], RegExp, number?][]} */
const smoke = [
	[['--version'], /^orchestra \d/],
	[['call', 'examples/weather', 'forecast', 'city=Oslo', '--json'], /"city":"Oslo"/],
	[
		['call', 'examples/weather', 'forecast', 'city=Oslo', '--json', '--spawn', '--carrier', 'quic'],
		/"city":"Oslo"/,
	],
	[
		['call', 'examples/weather', 'forecast', 'city=Oslo', '--json', '--spawn', '--carrier', 'tcp'],
		/"city":"Oslo"/,
	],
	[['call', 'examples/release-notes', 'nothing'], /no tool named nothing/, 2],
	[['inspect', 'examples/notes', '--json'], /"plugins"/],
	[['build', 'examples/weather', '--no-check', '--out', join(scratch, 'built'), '--json'], /weather\.mjs/],
	[['certs', 'status', '--json'], /./],
];

/** Its name, the command that starts it, and the words before the file. @type {[string, string, string[]][]} */
const runtimes = [
	.../** @type {[string, string, string[]][]} */ (
		['22', '24', '26'].map((version) => [
			`Node ${version}`,
			'npx',
			['--yes', '-p', `node@${version}`, 'node'],
		])
	),
	['Deno', createRequire(import.meta.url)('deno/install_api.cjs').runInstall(), ['run', '-A', '--quiet']],
];

let failed = 0;
for (const [name, command, before] of runtimes) {
	const probe = spawnSync(
		command,
		[...before.filter((word) => word !== 'run' && word !== '-A' && word !== '--quiet'), '--version'],
		{ encoding: 'utf8', timeout: 300_000 },
	);
	if (probe.status !== 0) {
		console.log(`${name}: skipped, it cannot be had here`);
		continue;
	}
	const env = {
		...process.env,
		NO_COLOR: '1',
		CI: '1',
		ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
		ORCHESTRA_CACHE_DIR: join(scratch, name),
	};
	let wrong = 0;
	for (const [words, pattern, code = 0] of smoke) {
		const { status, stdout, stderr } = spawnSync(command, [...before, executable, ...words], {
			cwd: root,
			env,
			encoding: 'utf8',
			timeout: 120_000,
		});
		if (status === code && pattern.test(stdout + stderr)) continue;
		wrong++;
		console.error(`${name}: orchestra ${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
	}
	console.log(
		`${name} (${probe.stdout.trim().split('\n')[0]}): ${wrong === 0 ? 'works' : `${wrong} of ${smoke.length} failed`}`,
	);
	failed += wrong;
}
rmSync(scratch, { recursive: true, force: true });
if (failed > 0) process.exit(1);

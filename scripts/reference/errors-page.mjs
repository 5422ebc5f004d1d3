import { join } from 'node:path';
import { build } from 'esbuild';
import { errorRemedies } from './error-remedies.mjs';
import { code, table } from './markdown.mjs';

/**
 * docs/reference/errors.md: every code of src/runtime/wire/error-code.ts, with the exit code that src/cli/exit-code.ts gives it; and what is wrong with
 * what stands beside them.
 */
export async function errorsPage(root) {
	const { errorCodes, exitCodeOf, OrchestraError } = await evaluated(
		root,
		`export { errorCodes } from './src/runtime/wire/error-code.ts';
		export { OrchestraError } from './src/runtime/wire/orchestra-error.ts';
		export { exitCodeOf } from './src/cli/exit-code.ts';`,
	);
	const codes = Object.keys(errorCodes);
	const faults = [
		...codes.filter((name) => !(name in errorRemedies)).map((name) => `say what to do about ${name}`),
		...Object.keys(errorRemedies)
			.filter((name) => !(name in errorCodes))
			.map((name) => `there is no code ${name} any more`),
	].map((fault) => `scripts/reference/error-remedies.mjs: ${fault}`);
	const page = [
		'# Error codes\n',
		'A code is stable: scripts and programs may match on it, and it is the same in process, over the wire and with `--json`. The error itself has a message, and mostly a hint that fits the case better than the text here. Tools may answer with codes of their own besides these. `exit` is what a command exits with; where a plugin answered with the code, it is mostly 5. What the exit codes mean together: [cli.md](../cli.md#exit-codes).\n',
		table(
			['code', 'means', 'exit', 'what to do'],
			codes
				.sort()
				.map((name) => [
					code(name),
					errorCodes[name],
					String(exitCodeOf(new OrchestraError(name, ''))),
					errorRemedies[name] ?? '',
				]),
		),
	].join('\n');
	return { page, faults };
}

/** What a module of our sources exports. */
async function evaluated(root, contents) {
	const { outputFiles } = await build({
		stdin: { contents, resolveDir: root, loader: 'ts' },
		bundle: true,
		write: false,
		platform: 'node',
		format: 'esm',
		logLevel: 'error',
		absWorkingDir: join(root),
	});
	const [file] = outputFiles;
	if (!file) throw new Error('esbuild has written no file');
	return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`);
}

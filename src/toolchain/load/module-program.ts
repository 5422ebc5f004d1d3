// The main module of a process that runs a plugin for us: `plugin-process MODULE [flags of the process contract]`.
import { formatFailure } from '../../runtime/launching/reported-failure.ts';
import { keepStdoutForManifest } from '../../runtime/plugin/process/manifest-output.ts';
import { runPlugin } from '../../runtime/plugin/process/run-plugin.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { importPlugin } from './load-plugin.ts';

const [module = '', ...argv] = process.argv.slice(2);
if (argv.includes('--manifest')) keepStdoutForManifest();
const hasHost = process.env.ORCHESTRA_IDENTITY === 'stdin';
try {
	await runPlugin(await importPlugin(module), { argv });
} catch (caught) {
	const error = OrchestraError.from(caught, 'internal');
	const text = hasHost ? formatFailure(error) : `${error.message}${error.hint ? `\n${error.hint}` : ''}`;
	process.stderr.write(`${text}\n`);
	process.exit(3);
}

import { recordedPackage } from './scaffold-record.ts';
import { type ScaffoldRuntime, type Template, type TemplateName, templates } from './template.ts';
import { templatePart, templateVersion } from './template-history.ts';
import { toolchainReference } from './toolchain-reference.ts';

/** Choices of which a plugin is made. */
export interface ScaffoldOptions {
	/** The absolute folder of the new plugin. */
	readonly dir: string;
	readonly id: string;
	readonly template: TemplateName;
	readonly runtime: ScaffoldRuntime;
	/** The version of the templates. Default: the current one. */
	readonly version?: number | undefined;
	/** Version of this toolchain that the package.json asks for. Default: this very one. */
	readonly toolchain?: string | undefined;
}

/** npm leaves .gitignore files out of packages, and formatters would take a placeholder in Markdown for bold text. */
const renamed: Record<string, string> = { gitignore: '.gitignore', 'readme.txt': 'README.md' };

/** The files of a plugin as it is made: their contents by name, sorted. Writes nothing. */
export function scaffoldFiles(options: ScaffoldOptions): Map<string, string> {
	const { id, template, runtime, version = templateVersion() } = options;
	const values = placeholders(options);
	const files = new Map<string, string>();
	for (const part of ['shared', runtime, template]) {
		for (const [name, text] of templatePart(part, version)) {
			files.set(
				renamed[name] ?? name,
				text.replaceAll(/__[A-Z]+__/g, (placeholder) => values[placeholder] ?? placeholder),
			);
		}
	}
	const packageText = files.get('package.json');
	if (packageText !== undefined) {
		files.set('package.json', recordedPackage(packageText, { template, runtime, id, version }));
	}
	return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function placeholders({ dir, id, template, runtime, toolchain }: ScaffoldOptions): Record<string, string> {
	const { does, tryOut }: Template = templates[template];
	const commands = [...tryOut.map(scriptCommand), testCommand(runtime), 'npm run build'];
	const run = runtime === 'deno' ? 'deno run -A' : 'node';
	return {
		__ID__: id,
		__NAME__: packageName(id),
		__TOOLCHAIN__: toolchain ?? toolchainReference(dir),
		__SUMMARY__: does,
		__COMMANDS__: commands.join('\n'),
		__RUN__: `${run} dist/${id}.mjs`,
	};
}

/**
 * The script of a made package.json that runs `orchestra` with some words. Scripts find the project's own: where nothing is
 * installed yet, npx would fetch a stranger's package of that name.
 */
export function scriptCommand(words: string): string {
	const [command = '', ...rest] = words.replace(/ \.(?= |$)/, '').split(' ');
	return `npm run ${command}${rest.length > 0 ? ` -- ${rest.join(' ')}` : ''}`;
}

/** The command that runs the tests of a new plugin. */
export function testCommand(runtime: ScaffoldRuntime): string {
	return runtime === 'deno' ? 'deno task test' : 'npm test';
}

/** An id as the name of an npm package: those are lower case, and never begin with `_`. */
function packageName(id: string): string {
	const name = id.toLowerCase().replace(/^_+/, '') || 'plugin';
	// A package of the name of one that it depends on would import itself.
	return ['orchestra-toolchain', 'tsx', 'typescript', 'zod'].includes(name) ? `${name}-plugin` : name;
}

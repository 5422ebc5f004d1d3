import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolchainRoot } from '../installation.ts';
import { type ScaffoldRuntime, type Template, type TemplateName, templates } from './template.ts';
import { toolchainReference } from './toolchain-reference.ts';

/** What a plugin is made from. */
export interface ScaffoldOptions {
	/** The absolute folder of the new plugin. */
	readonly dir: string;
	readonly id: string;
	readonly template: TemplateName;
	readonly runtime: ScaffoldRuntime;
}

/** npm leaves .gitignore files out of packages, and formatters would take a placeholder in Markdown for bold text. */
const renamed: Record<string, string> = { gitignore: '.gitignore', 'readme.txt': 'README.md' };

/** The files of a new plugin: their contents by name, sorted. Writes nothing. */
export function scaffoldFiles(options: ScaffoldOptions): Map<string, string> {
	const values = placeholders(options);
	const files = new Map<string, string>();
	for (const part of ['shared', options.runtime, options.template]) {
		const folder = join(toolchainRoot, 'templates', part);
		for (const name of readdirSync(folder)) {
			const text = readFileSync(join(folder, name), 'utf8');
			files.set(
				renamed[name] ?? name,
				text.replaceAll(/__[A-Z]+__/g, (placeholder) => values[placeholder] ?? placeholder),
			);
		}
	}
	return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function placeholders({ dir, id, template, runtime }: ScaffoldOptions): Record<string, string> {
	const { does, tryOut }: Template = templates[template];
	const commands = [...tryOut.map(scriptCommand), testCommand(runtime), 'npm run build'];
	const run = runtime === 'deno' ? 'deno run -A' : 'node';
	return {
		__ID__: id,
		__NAME__: packageName(id),
		__TOOLCHAIN__: toolchainReference(dir),
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

import { resolve } from 'node:path';
import { faultOfNewId, idForFolder } from './plugin-id.ts';
import { checkTargetFolder } from './target-folder.ts';
import { type ScaffoldRuntime, type TemplateName, templateNames, templates } from './template.ts';

/** Choices for which a person is asked, where they were not given. */
export interface ScaffoldChoices {
	readonly dir: string;
	readonly id: string;
	readonly template: TemplateName;
	readonly runtime: ScaffoldRuntime;
}

/** Prompts go where notes go: stdout has the result only. */
const context = { output: process.stderr };

/**
 * Asks a person at a terminal for what is missing.
 *
 * @throws what `@inquirer/prompts` throws when a prompt is left with Ctrl-C
 */
export async function askForChoices(given: Partial<ScaffoldChoices>): Promise<ScaffoldChoices> {
	const { input, select } = await import('@inquirer/prompts');
	const dir =
		given.dir ??
		(await input(
			{
				message: 'Folder of the new plugin',
				default: isFree('.') ? '.' : 'my-plugin',
				validate: (value) => faultOfFolder(value) ?? true,
			},
			context,
		));
	const id =
		given.id ??
		(await input(
			{
				message: 'Its id',
				default: idForFolder(dir) ?? 'my.plugin',
				validate: (value) => faultOfNewId(value) ?? true,
			},
			context,
		));
	const template =
		given.template ??
		(await select<TemplateName>(
			{
				message: 'What it has',
				choices: templateNames.map((name) => {
					const { summary } = templates[name];
					return isWide()
						? { value: name, name: `${name.padEnd(10)} ${summary}`, short: name }
						: { value: name, name, description: summary };
				}),
			},
			context,
		));
	const runtime =
		given.runtime ??
		(await select<ScaffoldRuntime>(
			{
				message: 'Developed with',
				choices: [
					{ value: 'node', name: 'Node' },
					{ value: 'deno', name: 'Deno' },
				],
			},
			context,
		));
	return { dir, id, template, runtime };
}

/** Whether a line holds a template's name and what it has. */
function isWide(): boolean {
	return (process.stderr.columns ?? 80) >= 76;
}

function isFree(dir: string): boolean {
	return faultOfFolder(dir) === undefined;
}

function faultOfFolder(dir: string): string | undefined {
	try {
		checkTargetFolder(resolve(dir));
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

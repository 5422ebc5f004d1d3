import { basename, relative, resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { findDeno } from '../toolchain/find-deno.ts';
import { askForChoices, type ScaffoldChoices } from '../toolchain/scaffold/ask.ts';
import { installCommand, installDependencies } from '../toolchain/scaffold/install-dependencies.ts';
import { assertNewId, idForFolder } from '../toolchain/scaffold/plugin-id.ts';
import { scaffoldFiles, scriptCommand, testCommand } from '../toolchain/scaffold/scaffold-files.ts';
import { checkTargetFolder } from '../toolchain/scaffold/target-folder.ts';
import {
	type ScaffoldRuntime,
	scaffoldRuntimes,
	type TemplateName,
	templateNames,
	templates,
} from '../toolchain/scaffold/template.ts';
import { writeScaffold } from '../toolchain/scaffold/write-scaffold.ts';

export default class Init extends BaseCommand {
	static override summary = 'Make a new plugin: a small working one to start from.';
	static override description =
		'Writes plugin.ts, a test for it and what they need, and installs its dependencies. On a terminal it asks for what is ' +
		'not given; --yes takes the defaults.\n\nTemplates:\n' +
		templateNames.map((name) => `  ${name.padEnd(10)} ${templates[name].summary}`).join('\n');
	static override examples = [
		'<%= config.bin %> init weather',
		'<%= config.bin %> init tail --template streaming --runtime deno --id acme.tail',
	];
	static override args = {
		dir: Args.string({ description: 'Folder of the new plugin: a new or empty one. [default: .]' }),
	};
	static override flags = {
		template: Flags.string({ description: 'What it has. [default: tool]', options: templateNames }),
		runtime: Flags.string({
			description: 'What it is developed and tested with. [default: node]',
			options: [...scaffoldRuntimes],
		}),
		id: Flags.string({ description: "Its id. [default: the folder's name]", helpValue: 'my.plugin' }),
		install: Flags.boolean({
			description: 'Install its dependencies with npm.',
			default: true,
			allowNo: true,
		}),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing: take the defaults.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Init);
		const given: Partial<ScaffoldChoices> = {
			...(args.dir === undefined ? {} : { dir: args.dir }),
			...(flags.id === undefined ? {} : { id: flags.id }),
			...(flags.template === undefined ? {} : { template: flags.template as TemplateName }),
			...(flags.runtime === undefined ? {} : { runtime: flags.runtime as ScaffoldRuntime }),
		};
		// Before anything is asked: what is given has to be usable.
		if (given.id !== undefined) assertNewId(given.id);
		if (given.dir !== undefined) checkTargetFolder(resolve(given.dir));
		const mayAsk =
			!this.jsonEnabled() && !flags.yes && !process.env.CI && process.stdin.isTTY && process.stderr.isTTY;
		const { id, template, runtime, ...choices } = mayAsk ? await askForChoices(given) : defaults(given);

		const dir = resolve(choices.dir);
		if (given.id === undefined && !mayAsk && id !== basename(dir)) {
			this.note(`The id is ${id}: ${visibleLine(basename(dir))} cannot be one. --id names another.`);
		}
		const files = scaffoldFiles({ dir, id, template, runtime });
		writeScaffold(dir, files);
		const fault = flags.install
			? await withSpinner(this.jsonEnabled(), 'Installing dependencies', () => installDependencies(dir))
			: undefined;
		const installed = flags.install && fault === undefined;
		if (fault !== undefined) {
			this.note(`The dependencies are not installed (${fault}). Later, run: ${installCommand}`);
		}

		const warnings = runtime === 'deno' && findDeno(dir) === undefined ? [noDeno] : [];
		for (const warning of warnings) this.note(warning);

		const next = nextCommands(dir, template, runtime, installed);
		const value = { dir, id, template, runtime, files: [...files.keys()], installed, next, warnings };
		return this.result(fault === undefined ? value : { ...value, installError: fault }, () => {
			const list = next.map((command) => `  ${command}`).join('\n');
			const where = relative(process.cwd(), dir) || 'this folder';
			return `${style.green('✔')} Made plugin ${style.bold(id)} in ${where}\n\n${list}\n`;
		});
	}
}

const noDeno =
	'There is no deno in the PATH. Install it from https://deno.com, or with npm i -D deno in the folder.';

function defaults(given: Partial<ScaffoldChoices>): ScaffoldChoices {
	const dir = given.dir ?? '.';
	const id = given.id ?? idForFolder(dir);
	if (id === undefined) {
		throw new OrchestraError(
			'usage',
			`no plugin id can be made from the name of the folder ${resolve(dir)}`,
			{
				hint: 'Give one: --id my.plugin',
			},
		);
	}
	return { dir, id, template: given.template ?? 'tool', runtime: given.runtime ?? 'node' };
}

/** What to type next, in this order. */
function nextCommands(
	dir: string,
	template: TemplateName,
	runtime: ScaffoldRuntime,
	installed: boolean,
): string[] {
	const where = relative(process.cwd(), dir);
	return [
		...(where === '' ? [] : [`cd ${quoted(where)}`]),
		...(installed ? [] : [installCommand]),
		...templates[template].tryOut.map(scriptCommand),
		testCommand(runtime),
		'npm run build',
	];
}

/** A path as a word for the shell. */
function quoted(path: string): string {
	const name = path.startsWith('-') ? `./${path}` : path;
	return /^[\w./@%+:,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

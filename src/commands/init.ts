import { basename, relative, resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { confirm } from '../cli/confirm.ts';
import { formatUpdate, updateJson } from '../cli/format-scaffold-update.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { shellWord } from '../runtime/platform/shell-word.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { askForChoices, type ScaffoldChoices } from '../toolchain/scaffold/ask.ts';
import {
	installCommand,
	installDependencies,
	packagesOf,
} from '../toolchain/scaffold/install-dependencies.ts';
import { assertNewId, idForFolder } from '../toolchain/scaffold/plugin-id.ts';
import { runtimeFaults } from '../toolchain/scaffold/runtime-faults.ts';
import { scaffoldFiles, scriptCommand, testCommand } from '../toolchain/scaffold/scaffold-files.ts';
import { checkTargetFolder } from '../toolchain/scaffold/target-folder.ts';
import {
	type ScaffoldRuntime,
	scaffoldRuntimes,
	type TemplateName,
	templateNames,
	templates,
} from '../toolchain/scaffold/template.ts';
import { applyUpdate } from '../toolchain/scaffold/update/apply-update.ts';
import { findRecord } from '../toolchain/scaffold/update/find-record.ts';
import { planUpdate } from '../toolchain/scaffold/update/plan-update.ts';
import { type WrittenScaffold, writeScaffold } from '../toolchain/scaffold/write-scaffold.ts';

export default class Init extends BaseCommand {
	static override summary = 'Make a new plugin: a small working one to start from.';
	static override description =
		'Writes plugin.ts, a test for it and what they need, and installs its dependencies. On a terminal it asks for what is ' +
		'not given; --yes takes the defaults.\n\nTemplates:\n' +
		templateNames.map((name) => `  ${name.padEnd(10)} ${templates[name].summary}`).join('\n');
	static override examples = [
		'<%= config.bin %> init weather',
		'<%= config.bin %> init tail --template streaming --runtime deno --id acme.tail',
		'<%= config.bin %> init --update weather --dry-run',
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
		update: Flags.boolean({
			description:
				'Bring a plugin that an older toolchain made to what its template is now. What you have changed stays.',
		}),
		'dry-run': Flags.boolean({ description: 'Only show what --update would change.', dependsOn: ['update'] }),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing: take the defaults.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Init);
		if (flags.update) return this.update(resolve(args.dir ?? '.'), flags);
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
		// Before npm takes its time.
		const warnings = runtimeFaults(runtime, dir);
		for (const warning of warnings) this.note(warning);
		const scaffold = writeScaffold(dir, files);
		const fault = flags.install ? await this.install(dir, scaffold) : undefined;
		const installed = flags.install && fault === undefined;
		if (fault !== undefined) {
			this.note(`The dependencies are not installed (${fault}). Later, run: ${installCommand}`);
		}

		const next = nextCommands(dir, template, runtime, installed);
		const value = { dir, id, template, runtime, files: [...files.keys()], installed, next, warnings };
		return this.result(fault === undefined ? value : { ...value, installError: fault }, () => {
			const list = next.map((command) => `  ${command}`).join('\n');
			const where = relative(process.cwd(), dir) || 'this folder';
			return `${style.green('✔')} Made plugin ${style.bold(id)} in ${where}\n\n${list}\n`;
		});
	}

	/** Installs the packages of a new plugin. @returns why they are not installed; undefined where they are */
	private async install(dir: string, scaffold: WrittenScaffold): Promise<string | undefined> {
		const names = packagesOf(dir)
			.map((name) => name.replace(/(?!^)@.*/, ''))
			.join(', ');
		if (!process.stderr.isTTY || process.env.CI) this.note(`npm installs ${names}.`);
		return withSpinner(this.jsonEnabled(), `npm installs ${names}`, (show) =>
			installDependencies(dir, {
				onWait: (seconds) => show(`npm installs ${names} (${seconds} s)`),
				undo: () => scaffold.undo(),
			}),
		);
	}

	/** Brings the plugin in a folder to the templates as they are now. */
	private async update(
		dir: string,
		flags: {
			template: string | undefined;
			runtime: string | undefined;
			id: string | undefined;
			yes: boolean;
			'dry-run': boolean;
		},
	): Promise<unknown> {
		const record = findRecord(dir, {
			id: flags.id,
			template: flags.template as TemplateName | undefined,
			runtime: flags.runtime as ScaffoldRuntime | undefined,
		});
		const update = planUpdate(dir, record);
		const { changes, conflicts } = update;
		const show = () => formatUpdate(update);
		const makes = changes.length > 0 && !flags['dry-run'];
		if (makes) {
			await confirm('Update it?', { yes: flags.yes, json: this.jsonEnabled(), show });
			applyUpdate(update);
		}
		const before = packagesOf(dir, changes.find(({ file }) => file === 'package.json')?.before);
		const next = makes && packagesOf(dir).join() !== before.join() ? [installCommand] : [];
		const value = updateJson(update, makes, next);
		const result = this.result(value, () => {
			if (changes.length === 0)
				return [`${record.id} is as its template has it now.`, ...update.kept].join('\n');
			const end = makes ? `${style.green('✔')} Updated` : 'Nothing was changed (--dry-run)';
			return [show(), end, ...next.map((command) => `  ${command}`)].join('\n\n');
		});
		if (!makes || conflicts.length === 0) return result;
		const files = conflicts.map(({ beside }) => beside).join(', ');
		this.failAfter(
			result,
			new OrchestraError(
				'update_conflict',
				`${conflicts.length === 1 ? 'one file is' : `${conflicts.length} files are`} changed by you and by the template in the same places`,
				{ hint: `Yours stay. Take what you want of ${files}, then remove it.`, details: { files } },
			),
		);
	}
}

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

/** Commands to type next, in this order. */
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
	return shellWord(path.startsWith('-') ? `./${path}` : path);
}

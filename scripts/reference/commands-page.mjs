import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, prose, table } from './markdown.mjs';

/** Flags that many commands have, with the same text: told once. */
const leastCommon = 6;

/** docs/reference/commands.md: every command, from the manifest that oclif makes of the code. */
export function commandsPage(root) {
	const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));
	const commands = Object.values(manifest.commands)
		.filter(({ hidden }) => !hidden)
		.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
	const common = commonFlags(commands);
	const parts = [
		'# Commands\n',
		'What all of them have in common (targets, arguments, exit codes, `--json`) is in [cli.md](../cli.md). `orchestra COMMAND --help` shows the same.\n',
		table(
			['command', 'does'],
			commands.map((command) => [
				`[\`${nameOf(command)}\`](#${anchorOf(command)})`,
				prose(withoutBin(command.summary)),
			]),
		),
		'## Flags of many commands\n',
		'Commands name them as "common flags"; this is what they do.\n',
		flagTable([...common.values()]),
		...commands.map((command) => section(command, common)),
	];
	return parts.join('\n');
}

function section(command, common) {
	const flags = flagsOf(command);
	const shared = flags.filter((flag) => common.has(keyOf(flag)));
	const own = flags.filter((flag) => !common.has(keyOf(flag)));
	const args = Object.values(command.args).filter(({ hidden }) => !hidden);
	const examples = (command.examples ?? []).map((example) =>
		withoutBin(typeof example === 'string' ? example : example.command),
	);
	const parts = [
		`## orchestra ${nameOf(command)}\n`,
		`${prose(withoutBin(command.summary))}\n`,
		`\`\`\`text\norchestra ${usageOf(command, args)}\n\`\`\`\n`,
	];
	if (command.description) parts.push(`${description(withoutBin(command.description))}\n`);
	const rows = args.map(({ name, options, description = '' }) => [
		code(name.toUpperCase()),
		[prose(description), options ? `One of ${options.map(code).join(', ')}.` : ''].filter(Boolean).join(' '),
	]);
	parts.push(table(['argument', 'is'], rows));
	parts.push(flagTable(own));
	if (shared.length > 0)
		parts.push(`Common flags: ${shared.map((flag) => code(spelling(flag))).join(', ')}.\n`);
	if (examples.length > 0) parts.push(`\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`);
	return parts.filter(Boolean).join('\n');
}

/** Indented lines are a list that keeps its columns. */
function description(text) {
	return text
		.split(/((?:^ {2}.*\n?)+)/m)
		.filter((part) => part.trim() !== '')
		.map((part) => (part.startsWith('  ') ? `\`\`\`text\n${part.trimEnd()}\n\`\`\`` : prose(part)))
		.join('\n\n');
}

function usageOf(command, args) {
	if (command.usage) return [command.usage].flat().map(withoutBin).join('\norchestra ');
	const words = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
	return [nameOf(command), ...words, ...(flagsOf(command).length > 0 ? ['[FLAGS]'] : [])].join(' ');
}

function flagTable(flags) {
	return table(
		['flag', 'does'],
		flags.map((flag) => [
			code(spelling(flag)),
			[
				prose(flag.description),
				flag.options ? `One of ${flag.options.map(code).join(', ')}.` : '',
				flag.default === undefined || flag.type === 'boolean' || /\[default/.test(flag.description)
					? ''
					: `Default ${code(String(flag.default))}.`,
				flag.multiple && !/more than once/.test(flag.description) ? 'More than once if need be.' : '',
			]
				.filter(Boolean)
				.join(' '),
		]),
	);
}

function spelling({ name, char, type, helpValue, allowNo }) {
	const long = allowNo ? `--[no-]${name}` : `--${name}`;
	const value = type === 'option' ? ` ${helpValue ?? 'VALUE'}` : '';
	return `${char ? `-${char}, ` : ''}${long}${value}`;
}

function flagsOf(command) {
	return Object.values(command.flags)
		.filter(({ hidden }) => !hidden)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function commonFlags(commands) {
	const counts = new Map();
	for (const flag of commands.flatMap(flagsOf)) {
		const known = counts.get(keyOf(flag)) ?? { flag, count: 0 };
		counts.set(keyOf(flag), { ...known, count: known.count + 1 });
	}
	const common = [...counts]
		.filter(([, { count }]) => count >= leastCommon)
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return new Map(common.map(([key, { flag }]) => [key, flag]));
}

function keyOf(flag) {
	return `${spelling(flag)}\n${flag.description}\n${flag.options ?? ''}`;
}

function nameOf({ id }) {
	return id.replaceAll(':', ' ');
}

function anchorOf(command) {
	return `orchestra-${nameOf(command).replaceAll(' ', '-')}`;
}

function withoutBin(text = '') {
	return text.replaceAll('<%= config.bin %>', 'orchestra').replaceAll('<%= command.id %>', '');
}

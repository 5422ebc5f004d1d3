import type { JsonValue } from '../../runtime/wire/json-value.ts';
import type { SchemaView } from '../../toolchain/schema-view.ts';
import { argumentSchema, listedArguments } from '../listed-arguments.ts';
import { listedValues, takesList } from '../word-value.ts';
import type { Candidate, Completion, KnownPlugins, KnownTool } from './candidate.ts';
import type { ListedCommand, ListedFlag } from './command-list.ts';
import { shells } from './shell-script.ts';

const nothing: Completion = { candidates: [] };
const files: Completion = { candidates: [], files: true };

/** Arguments that are a file or a folder. */
const fileArguments = new Set(['dir', 'file', 'source']);

/** Actions of `orchestra storage`. */
const storageActions = ['read', 'write', 'list', 'delete'];

/**
 * The words that may stand in the place of the last word.
 *
 * @param words what stands after `orchestra`; the last one is being typed, and may be empty
 */
export async function completeWords(
	words: readonly string[],
	commands: readonly ListedCommand[],
	plugins: KnownPlugins,
): Promise<Completion> {
	const [before, current] = [words.slice(0, -1), words.at(-1) ?? ''];
	const shown = commands.filter(({ hidden }) => !hidden);
	const { command, path, rest } = findCommand(before[0] === 'help' ? before.slice(1) : before, shown);
	const below = rest.length > 0 || current.startsWith('-') ? [] : commandsBelow(path, shown);
	if (command === undefined) return starting({ candidates: below }, current);
	const line = readLine(command, rest);
	if (line.ended === undefined && line.awaited) {
		return starting(await flagValues(line.awaited, plugins, line), current);
	}
	if (!line.ended && current.startsWith('-')) return flagCompletion(command, line, current, plugins);
	const completion = await argument(command, line, current, plugins);
	return starting({ ...completion, candidates: [...below, ...completion.candidates] }, current);
}

function starting(completion: Completion, current: string): Completion {
	return { ...completion, candidates: completion.candidates.filter(({ word }) => word.startsWith(current)) };
}

/** The longest command that words begin with. */
function findCommand(words: readonly string[], commands: readonly ListedCommand[]) {
	for (let count = words.length; count > 0; count--) {
		const id = words.slice(0, count).join(':');
		const command = commands.find((one) => one.id === id);
		if (command) return { command, path: words.slice(0, count), rest: words.slice(count) };
	}
	return { command: undefined, path: words, rest: [] };
}

/** The words that may come next in the name of a command. */
function commandsBelow(path: readonly string[], commands: readonly ListedCommand[]): Candidate[] {
	const found = new Map<string, string | undefined>();
	for (const { id, summary } of commands) {
		const names = id.split(':');
		const next = names[path.length];
		if (next === undefined || path.some((word, i) => names[i] !== word)) continue;
		const whole = names.length === path.length + 1;
		if (whole || !found.has(next)) found.set(next, whole ? summary : undefined);
	}
	return [...found].map(([word, about]) => ({ word, about }));
}

/** The part of a command line before the cursor. */
interface Line {
	readonly words: readonly string[];
	readonly flags: ReadonlyMap<string, string>;
	/** The flag whose value is being typed. */
	readonly awaited: ListedFlag | undefined;
	/** Set after `--`: no more flags. */
	readonly ended: true | undefined;
}

function readLine(command: ListedCommand, rest: readonly string[]): Line {
	const words: string[] = [];
	const flags = new Map<string, string>();
	let awaited: ListedFlag | undefined;
	let ended: true | undefined;
	for (const word of rest) {
		if (awaited) {
			flags.set(awaited.name, word);
			awaited = undefined;
		} else if (ended || !/^-./.test(word)) {
			words.push(word);
		} else if (word === '--') {
			ended = true;
		} else {
			const [name = '', value] = splitFlag(word);
			const flag = findFlag(command, name);
			flags.set(flag?.name ?? name, value ?? '');
			if (flag?.type === 'option' && value === undefined) awaited = flag;
		}
	}
	return { words, flags, awaited, ended };
}

function splitFlag(word: string): [string, string | undefined] {
	const at = word.startsWith('--') ? word.indexOf('=') : -1;
	return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function findFlag({ flags }: ListedCommand, word: string): ListedFlag | undefined {
	return Object.values(flags).find(({ name, char }) => word === `--${name}` || word === `-${char}`);
}

async function flagCompletion(
	command: ListedCommand,
	line: Line,
	current: string,
	plugins: KnownPlugins,
): Promise<Completion> {
	const [name, value] = splitFlag(current);
	if (value !== undefined) {
		const flag = findFlag(command, name);
		const { candidates } = flag ? await flagValues(flag, plugins, line) : nothing;
		return starting(
			{ candidates: candidates.map((one) => ({ ...one, word: `${name}=${one.word}` })) },
			current,
		);
	}
	const free = Object.values(command.flags).filter(
		(flag) => !flag.hidden && (flag.multiple || !line.flags.has(flag.name)),
	);
	const candidates = free.map((flag) => ({
		// A flag that is on by itself is written to turn it off.
		word: flag.allowNo ? `--no-${flag.name}` : `--${flag.name}`,
		about: flag.description,
	}));
	return starting({ candidates: [...candidates, { word: '--help', about: 'Show what it takes.' }] }, current);
}

async function flagValues(flag: ListedFlag, plugins: KnownPlugins, line: Line): Promise<Completion> {
	if (flag.options) return { candidates: flag.options.map((word) => ({ word })) };
	if (/\b(FILE|DIR)\b/.test(flag.helpValue ?? '')) return files;
	const target = line.words[0];
	if (flag.name === 'plugin' && target === undefined) return { candidates: plugins.ids() };
	return nothing;
}

/** The words that may stand where an argument of the command is. */
async function argument(
	command: ListedCommand,
	line: Line,
	current: string,
	plugins: KnownPlugins,
): Promise<Completion> {
	const names = Object.keys(command.args);
	const certsDir = line.flags.get('certs-dir');
	const [target = '', named = ''] = line.words;
	const isMore = command.strict === false && line.words.length >= names.length;
	if (isMore && command.id === 'call') {
		const tool = (await plugins.tools(target, certsDir)).find(({ name }) => name === named);
		return toolArguments(tool, line.words.slice(2), current);
	}
	if (isMore && command.id === 'prompt') {
		const prompt = (await plugins.prompts(target, certsDir)).find(({ name }) => name === named);
		return pairs(
			(prompt?.arguments ?? []).map(({ name, description }) => ({ word: `${name}=`, about: description })),
			line.words.slice(2),
		);
	}
	const name = names[line.words.length] ?? (command.strict === false ? names.at(-1) : undefined);
	if (name === undefined) return nothing;
	const { options } = command.args[name] ?? {};
	if (options) return { candidates: options.map((word) => ({ word })) };
	if (name === 'target' || name === 'targets') return { candidates: plugins.ids(), files: true };
	if (name === 'tool') {
		return {
			candidates: (await plugins.tools(target, certsDir)).map(({ name, description }) => ({
				word: name,
				about: description,
			})),
		};
	}
	if (name === 'name' && command.id === 'prompt') {
		return {
			candidates: (await plugins.prompts(target, certsDir)).map(({ name, description }) => ({
				word: name,
				about: description,
			})),
		};
	}
	if (command.id.startsWith('certs:') && (name === 'name' || name === 'names')) {
		const free = plugins.certificates(certsDir).filter((one) => !line.words.includes(one));
		return { candidates: free.map((word) => ({ word })) };
	}
	if (name === 'shell') return { candidates: shells.map((word) => ({ word })) };
	if (name === 'action') return { candidates: storageActions.map((word) => ({ word })) };
	if (name === 'id') return { candidates: plugins.ids().filter(({ word }) => !line.words.includes(word)) };
	return fileArguments.has(name) ? files : nothing;
}

/** `name=` for each argument that is not there yet; behind it, the values that the schema lists; behind `=@`, files. */
function toolArguments(tool: KnownTool | undefined, given: readonly string[], current: string): Completion {
	const schema = tool?.schema;
	if (schema === undefined) return nothing;
	const name = /^([^=:@]+)=/.exec(current)?.[1];
	if (name !== undefined) {
		const wanted = argumentSchema(schema, name);
		return { candidates: listedValues(wanted).map((value) => ({ word: `${name}=${asText(value)}` })) };
	}
	const candidates = listedArguments(schema).names.map((word) => {
		const wanted = argumentSchema(schema, word);
		return { word: `${word}=`, about: aboutOf(wanted), again: takesList(wanted) };
	});
	const lists = candidates.filter(({ again }) => again).map(({ word }) => word);
	return pairs(
		candidates,
		given.filter((word) => !lists.some((list) => word.startsWith(list))),
	);
}

function pairs(candidates: readonly Candidate[], given: readonly string[]): Completion {
	const names = new Set(given.map((word) => /^([^=:]+):?=/.exec(word)?.[1]));
	return { candidates: candidates.filter(({ word }) => !names.has(word.slice(0, -1))) };
}

function asText(value: JsonValue): string {
	return typeof value === 'string' ? value : JSON.stringify(value);
}

function aboutOf(schema: SchemaView): string | undefined {
	let found: string | undefined;
	schema.walk(({ schema: { description } }) => {
		if (typeof description === 'string') found ??= description;
	});
	return found;
}

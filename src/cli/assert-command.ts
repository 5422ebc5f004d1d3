import type { Config } from '@oclif/core';
import { isAddressUrl } from '../runtime/carrier/address.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** The flags of `orchestra` without a command. */
const rootFlags = ['--help', '-h', '--version', '-v'];

/** Names that other tools use for the same, and ours for it. */
const otherNames: Readonly<Record<string, string>> = {
	run: 'call',
	exec: 'call',
	invoke: 'call',
	start: 'serve',
	up: 'serve',
	new: 'init',
	create: 'init',
	show: 'inspect',
	info: 'inspect',
	describe: 'inspect',
	tools: 'inspect',
	ls: 'inspect',
	bundle: 'build',
	compile: 'build',
	pack: 'build',
	cert: 'certs',
	ca: 'certs',
};

/** The same below `certs`. */
const otherCertsNames: Readonly<Record<string, string>> = {
	add: 'issue',
	create: 'issue',
	new: 'issue',
	delete: 'revoke',
	remove: 'revoke',
	rm: 'revoke',
	info: 'show',
	ls: 'list',
	check: 'verify',
};

/**
 * Refuses a command that does not exist, with the one that was probably meant.
 *
 * @throws OrchestraError `usage`
 */
export function assertCommand(argv: readonly string[], config: Config): void {
	const [first] = argv;
	if (first?.startsWith('-') && !rootFlags.includes(first)) throw unknownRootFlag(first);
	let names = config.commandIDs.map((id) => id.split(':'));
	const known: string[] = [];
	for (const word of argv) {
		if (word.startsWith('-')) return;
		const next = [...new Set(names.map(([name = '']) => name))];
		if (!next.includes(word)) throw unknownCommand(word, known, next, config.commandIDs);
		known.push(word);
		names = names.filter(([name]) => name === word).map(([, ...rest]) => rest);
		if (names.some((rest) => rest.length === 0)) break;
	}
	assertAddressFlag(known, argv);
}

/** Commands that speak to a running server, which a flag names; elsewhere the address is the target. */
const serverCommands = ['ps', 'start', 'stop', 'restart', 'reload', 'logs', 'tools', 'events'];

/** @throws OrchestraError `usage` where the address of a server stands among the arguments: it would be passed over */
function assertAddressFlag(known: readonly string[], argv: readonly string[]): void {
	const [command = ''] = known;
	if (!serverCommands.includes(command)) return;
	for (const [at, word] of argv.entries()) {
		const before = argv[at - 1];
		if (!(isAddressUrl(word) || isHostAndPort(word)) || before === '-a' || before === '--address') continue;
		const others = argv.slice(known.length, at).filter((other) => /^\w[\w.-]*$/.test(other));
		throw new OrchestraError(
			'usage',
			`orchestra ${known.join(' ')} takes the address of a server as a flag`,
			{ hint: `The address goes with -a: orchestra ${[...known, ...others, '-a', word].join(' ')}` },
		);
	}
}

/** Whether a word is an address without its scheme, such as `127.0.0.1:50100`: no id and no topic has a colon. */
function isHostAndPort(word: string): boolean {
	return /^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-fA-F:.]+\]):\d{1,5}$/.test(word);
}

function unknownRootFlag(flag: string): OrchestraError {
	const near = nearest(flag, rootFlags);
	return new OrchestraError('usage', `orchestra has no flag ${flag}`, {
		hint: near
			? `Did you mean ${near}?`
			: 'Flags come after the command: orchestra COMMAND FLAGS. orchestra --help shows the commands.',
	});
}

function unknownCommand(
	word: string,
	known: readonly string[],
	next: readonly string[],
	ids: readonly string[],
): OrchestraError {
	const before = ['orchestra', ...known].join(' ');
	const other = known.length === 0 ? otherNames[word] : otherCertsNames[word];
	const near = nearest(word, next) ?? (other !== undefined && next.includes(other) ? other : undefined);
	// `orchestra issue web`: the word stands below a topic.
	const below = ids.find(
		(id) => id.includes(':') && nearest(word, [id.split(':').at(-1) ?? '']) !== undefined,
	);
	let hint = `Run ${before} --help to see the commands.`;
	if (near) hint = `Did you mean ${before} ${near}?`;
	else if (known.length === 0 && below) hint = `Did you mean orchestra ${below.replaceAll(':', ' ')}?`;
	else if (/[./\\]/.test(word)) hint = `To call a tool of the plugin there: orchestra call ${word} TOOL`;
	return new OrchestraError('usage', `there is no command ${[...known, word].join(' ')}`, { hint });
}

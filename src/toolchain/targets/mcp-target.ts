import type { McpSettings } from '../../runtime/hosting/mcp/mcp-settings.ts';
import { shellQuoted } from '../../runtime/platform/shell-word.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Prefix of a word for an MCP server. */
export const mcpPrefix = 'mcp:';

/** Shells that a command may look like it was written for; it is started without one. */
const shellCharacters = /[|&;<>$`\\"'*?[\]{}()~]/;

/**
 * Reads the word for an MCP server: `mcp:https://…`, or `mcp:` with a command and its arguments as a shell has them, in quotes where
 * they have spaces. No shell is involved.
 *
 * @throws OrchestraError `usage`
 */
export function parseMcpTarget(word: string): McpSettings {
	const text = word.slice(mcpPrefix.length).trim();
	if (/^https?:\/\//i.test(text)) {
		try {
			return { url: new URL(text).href };
		} catch (error) {
			throw new OrchestraError('usage', `${word} is no address of an MCP server`, { cause: error });
		}
	}
	const [command, ...args] = splitWords(text, word);
	if (command === undefined || command === '') {
		throw new OrchestraError('usage', `${word} names no MCP server`, {
			hint: 'Write "mcp:npx -y some-server", or mcp:https://example.com/mcp.',
		});
	}
	return { command, args };
}

/** A word for a command, in which each part is itself again when it is read. */
export function formatMcpTarget([command = '', ...args]: readonly string[]): string {
	// A word that names nothing stays as it is: its reader says so.
	if (command === '' && args.length === 0) return mcpPrefix;
	const quoted = [command, ...args].map((part) =>
		part === '' || /\s/.test(part) || shellCharacters.test(part) ? shellQuoted(part) : part,
	);
	return mcpPrefix + quoted.join(' ');
}

/** The words of a command line, with single and double quotes and backslashes as shells have them. */
function splitWords(text: string, whole: string): string[] {
	const words: string[] = [];
	let word: string | undefined;
	let quote: string | undefined;
	for (let at = 0; at < text.length; at++) {
		const character = text[at] as string;
		if (quote) {
			if (character === quote) quote = undefined;
			else if (character === '\\' && quote === '"' && /["\\$`]/.test(text[at + 1] ?? '')) {
				word = (word ?? '') + text[++at];
			} else word = (word ?? '') + character;
		} else if (character === '"' || character === "'") {
			quote = character;
			word ??= '';
		} else if (character === '\\' && at + 1 < text.length) {
			word = (word ?? '') + text[++at];
		} else if (/\s/.test(character)) {
			if (word !== undefined) words.push(word);
			word = undefined;
		} else word = (word ?? '') + character;
	}
	if (quote) throw new OrchestraError('usage', `${whole} has a quote that does not end`);
	if (word !== undefined) words.push(word);
	return words;
}

/** Name of a server for people: the package that npx runs, the file that an interpreter runs, the command, the host. */
export function mcpLabel(settings: McpSettings): string {
	if ('url' in settings) return new URL(settings.url).hostname;
	const { command, args = [] } = settings;
	const base = nameOf(command);
	const runs = ['npx', 'bunx', 'uvx', 'node', 'deno', 'python', 'python3', 'docker'].includes(base)
		? args.find((arg) => !arg.startsWith('-') && arg !== 'run')
		: undefined;
	return nameOf(runs ?? command);
}

/** Parts of a path that say nothing of what lies there. */
const plainParts = /^(index|main|server|dist|build|lib|src|bin)(\.\w+)?$/;

/** The last part of a path or package that says something, without its version and ending. */
function nameOf(text: string): string {
	const parts = text.split(/[\\/]/).filter((part) => part !== '' && part !== '.' && part !== '..');
	const last = parts.findLast((part) => !plainParts.test(part)) ?? parts.at(-1) ?? text;
	return last.replace(/(?<=.)@.*$/, '').replace(/\.(?:[cm]?[jt]s|py|exe)$/, '') || 'mcp';
}

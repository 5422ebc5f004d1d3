/** Areas that `ORCHESTRA_LOG` can show, a word each. */
export const debugAreas = ['dial', 'handshake', 'launch', 'exchange', 'route'] as const;

/** One of {@link debugAreas}. */
export type DebugArea = (typeof debugAreas)[number];

/** Writes one line about what has just happened. It must be given no arguments of calls, no results and no keys. */
export type DebugLog = (message: string) => void;

/** Characters that could change a terminal, in a name that a peer chose. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlCharacters = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

const asked = askedAreas();

/**
 * Writer that shows an area on stderr, for people who look into this software; undefined where nobody asked for it, so that
 * `log?.(…)` costs nothing then, its message included.
 *
 * `ORCHESTRA_LOG=debug` asks for all areas, `ORCHESTRA_LOG=dial,launch` for these. It is read once, when the process starts, and
 * passed on to plugins that are launched. A line has the milliseconds since the process started, the area and what happened.
 */
export function debugLog(area: DebugArea): DebugLog | undefined {
	if (!asked.has(area)) return undefined;
	return (message) => {
		const text = message.replace(controlCharacters, (character) => {
			return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
		});
		process.stderr.write(`${performance.now().toFixed(1).padStart(8)} ms ${area.padEnd(9)} ${text}\n`);
	};
}

function askedAreas(): ReadonlySet<string> {
	const words = environmentVariable('ORCHESTRA_LOG').split(',').filter(Boolean);
	const unknown = words.filter((word) => word !== 'debug' && !debugAreas.some((area) => area === word));
	if (unknown.length > 0) {
		const known = ['debug', ...debugAreas].join(', ');
		process.stderr.write(`ORCHESTRA_LOG: ${JSON.stringify(unknown.join(','))} is not known: ${known}\n`);
	}
	return new Set(words.includes('debug') ? debugAreas : words);
}

/** A variable of the environment; empty where it is not set, or where this process may not read it (Deno). */
function environmentVariable(name: string): string {
	try {
		return process.env[name] ?? '';
	} catch {
		return '';
	}
}

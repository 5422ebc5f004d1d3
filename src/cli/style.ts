import { Ansis } from 'ansis';

/** Colour only on a terminal, and never against NO_COLOR, CI or a dumb terminal; FORCE_COLOR wins. */
function colourLevel(stream: NodeJS.WriteStream): 0 | 1 | 2 | 3 {
	const { env } = process;
	if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return 1;
	if (env.NO_COLOR || env.CI || env.TERM === 'dumb' || !stream.isTTY) return 0;
	return 1;
}

/** Styles for what goes to stdout. */
export const style = new Ansis(colourLevel(process.stdout));

/** Styles for what goes to stderr. */
export const errorStyle = new Ansis(colourLevel(process.stderr));

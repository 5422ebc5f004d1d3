import { style } from '../../cli/style.ts';

/** Meaning of a text, from which its colour follows. */
export type Tone = 'plain' | 'dim' | 'strong' | 'accent' | 'good' | 'warn' | 'bad';

const styles: Readonly<Record<Tone, (text: string) => string>> = {
	plain: (text) => text,
	dim: style.dim,
	strong: style.bold,
	accent: style.cyan,
	good: style.green,
	warn: style.yellow,
	bad: style.red,
};

/** A text in the colour of its tone, where the terminal shows colours. */
export function toned(text: string, tone: Tone): string {
	return text === '' ? '' : styles[tone](text);
}

/** A text that is chosen: the other way round, which shows without colours too. */
export function chosen(text: string): string {
	return style.inverse(text);
}

/** Tone of a plugin's or a call's state. */
export function toneOfState(state: string): Tone {
	switch (state) {
		case 'running':
		case 'ok':
			return 'good';
		case 'starting':
		case 'stopping':
			return 'warn';
		case 'crashed':
		case 'failed':
		case 'unavailable':
			return 'bad';
		default:
			return 'dim';
	}
}

/** Tone of a line of a log, by its level. */
export function toneOfLevel(level: string): Tone {
	if (level === 'error') return 'bad';
	if (level === 'warn') return 'warn';
	return level === 'info' ? 'accent' : 'dim';
}

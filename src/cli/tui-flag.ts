import { Flags } from '@oclif/core';

/** `--tui` and `--no-tui`; neither leaves it to the terminal. @param description what it shows, and when it does by itself */
export function tuiFlag(description: string) {
	return Flags.boolean({ allowNo: true, description });
}

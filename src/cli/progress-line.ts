import type { ProgressListener } from '../runtime/client/call-options.ts';
import { errorStyle } from './style.ts';
import { visibleLine } from './visible-text.ts';

/** Shows progress on one line of a terminal's stderr, which the next output replaces; undefined where there is no terminal. */
export function progressLine(): ProgressListener | undefined {
	const { stderr } = process;
	if (!stderr.isTTY || process.env.CI) return undefined;
	return ({ progress, total, message }) => {
		const share = total > 0 ? `${Math.floor((100 * progress) / total)} %` : `${progress}`;
		const text = `${share}${message ? ` ${visibleLine(message)}` : ''}`.slice(0, (stderr.columns ?? 80) - 1);
		// Clears the line, writes, and leaves the cursor at its start, so that whatever comes next overwrites it.
		stderr.write(`\x1b[2K${errorStyle.dim(text)}\r`);
	};
}

import { errorStyle } from './style.ts';

/** What work that is shown by {@link withSpinner} can do: say what it is at. */
export type ShowStep = (text: string) => void;

/**
 * Shows on a terminal's stderr that something is under way; elsewhere, and with `quiet`, nothing. The line is gone when the
 * work ends, however it ends.
 */
export async function withSpinner<T>(
	quiet: boolean,
	text: string,
	work: (show: ShowStep) => Promise<T>,
): Promise<T> {
	const { stderr, env } = process;
	if (quiet || !stderr.isTTY || env.CI || env.TERM === 'dumb') return work(() => {});
	const { default: yoctoSpinner } = await import('yocto-spinner');
	const spinner = yoctoSpinner({ text: errorStyle.dim(text), stream: stderr }).start();
	try {
		return await work((step) => {
			spinner.text = errorStyle.dim(step);
		});
	} finally {
		spinner.stop();
	}
}

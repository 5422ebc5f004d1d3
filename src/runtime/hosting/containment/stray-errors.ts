import { isError, stackOf } from '../../wire/thrown-value.ts';
import { embeddedNames } from './embedded-plugins.ts';
import { filesIn, isOwnFile, pluginIn } from './stack-files.ts';

/** An error that no caller got: of a promise that nobody awaits, or thrown in a timer or an event. */
export interface StrayError {
	/** The plugin that left it behind; undefined where that cannot be told. */
	readonly plugin: string | undefined;
	/** The plugins that it can come from. */
	readonly candidates: readonly string[];
	readonly kind: 'rejection' | 'exception';
	readonly error: unknown;
}

/** Listeners for stray errors. */
export interface StrayListeners {
	readonly onStray: (stray: StrayError) => void;
	/** Called for one that comes from no plugin. Default: it ends the process, as without containment. */
	readonly onBug?: ((error: unknown) => void) | undefined;
}

/** Catches stray errors. Returns what ends that. */
export function catchStrayErrors({ onStray, onBug }: StrayListeners): () => void {
	const take = (kind: StrayError['kind'], error: unknown) => {
		const candidates = embeddedNames();
		const stack = stackOf(error);
		const plugin =
			pluginIn(stack) ?? (candidates.length === 1 && !isOurs(stack, error) ? candidates[0] : undefined);
		if (plugin === undefined && (candidates.length === 0 || isOurs(stack, error))) bug(error);
		else onStray({ plugin, candidates, kind, error });
	};
	const onException = (error: unknown) => take('exception', error);
	const onRejection = (error: unknown) => take('rejection', error);
	const end = () => {
		process.off('uncaughtException', onException);
		process.off('unhandledRejection', onRejection);
	};
	const bug = (error: unknown) => {
		if (onBug) return onBug(error);
		end();
		queueMicrotask(() => {
			throw error;
		});
	};
	process.on('uncaughtException', onException);
	process.on('unhandledRejection', onRejection);
	return end;
}

/**
 * Whether an error that no plugin's code stands in is a defect of ours. A typed error is not: it is what a call comes to that a
 * plugin makes and does not await, and its stack shows our code only.
 */
function isOurs(stack: string, error: unknown): boolean {
	if (
		isError(error) &&
		error.name !== 'Error' &&
		(error as { code?: unknown }).code !== 'internal' &&
		/^(Orchestra|Peer|Tool)Error$/.test(error.name)
	) {
		return false;
	}
	return filesIn(stack).some(isOwnFile);
}

import { fileURLToPath } from 'node:url';
import { embeddedNames, ownerOf } from './embedded-plugins.ts';

/** A place in a line of a stack: `file:///folder/file.mjs:3:7`, or the same as a path. */
const place = /(?<=^|[\s(@])((?:file:\/\/)?\/[^\s()]*?|[A-Za-z]:\\[^()]*?):\d+:\d+/;

/** The folder of this package's code: dist/, or src/ in its tests. */
const ownFolder = (() => {
	const here = fileURLToPath(import.meta.url);
	const at = Math.max(...['/dist/', '/src/', '\\dist\\', '\\src\\'].map((name) => here.lastIndexOf(name)));
	return here.slice(0, at + 5).replace(/[\\/]$/, '');
})();

/** The files in a stack, the innermost first. What is the runtime's own, such as `node:timers`, is none. */
export function filesIn(stack: string): string[] {
	return stack.split('\n').flatMap((line) => {
		const file = place.exec(line)?.[1];
		if (file === undefined) return [];
		if (!file.startsWith('file:')) return [file];
		try {
			return [fileURLToPath(file.replace(/\?.*$/, ''))];
		} catch {
			return [];
		}
	});
}

/** Whether a file is part of this package. */
export function isOwnFile(file: string): boolean {
	return file.startsWith(ownFolder) && /^[\\/]/.test(file.slice(ownFolder.length));
}

/** The embedded plugin whose code stands in a stack, the innermost first. */
export function pluginIn(stack: string): string | undefined {
	for (const file of filesIn(stack)) {
		const owner = ownerOf(file);
		if (owner !== undefined) return owner;
	}
	return undefined;
}

/** Caller of a function that we put in the place of the runtime's. */
export interface Caller {
	/** Whether the call came from this package itself. */
	readonly isHost: boolean;
	/** The plugin; where it cannot be told, all that are embedded. */
	readonly plugin: string;
}

/** Finds the caller. @param replaced the function that was called: frames above it are left out */
export function callerOf(replaced: (...args: never[]) => unknown): Caller {
	const target: { stack?: string } = {};
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 30;
	Error.captureStackTrace(target, replaced);
	Error.stackTraceLimit = limit;
	const stack = target.stack ?? '';
	const [first] = filesIn(stack);
	if (first !== undefined && isOwnFile(first)) return { isHost: true, plugin: '' };
	return { isHost: false, plugin: pluginIn(stack) ?? embeddedNames().join(', ') };
}

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { format, inspect } from 'node:util';
import { LineSplitter } from '../../launching/line-splitter.ts';
import { onDeno } from '../../platform/on-deno.ts';
import { replaceMethod } from './replace-method.ts';
import { callerOf } from './stack-files.ts';

type Target = Record<string, unknown>;

/**
 * Keeps what embedded plugins print off this process's stdout, which belongs to its result: `onLine` gets it, line by line. What
 * this package prints itself stays. Returns what ends that.
 */
export function guardOutput(onLine: (plugin: string, line: string) => void): () => void {
	const splitters = new Map<string, LineSplitter>();
	const take = (plugin: string, data: unknown, encoding?: unknown) => {
		const label = plugin || 'plugin';
		let splitter = splitters.get(label);
		if (!splitter) {
			splitter = new LineSplitter((line) => onLine(label, line));
			splitters.set(label, splitter);
		}
		splitter.push(toBytes(data, encoding));
	};
	const guards = [
		replaceMethod(process.stdout as unknown as Target, 'write', (original) => {
			function replaced(...args: unknown[]): unknown {
				const { isHost, plugin } = callerOf(replaced);
				if (isHost) return original.apply(process.stdout, args);
				const [data, encoding] = args;
				take(plugin, data, encoding);
				const done = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined;
				if (done) queueMicrotask(done);
				return true;
			}
			return replaced;
		}),
		replaceMethod(fs as unknown as Target, 'writeSync', (original) => {
			function replaced(...args: unknown[]): unknown {
				const [fd, data] = args;
				const caller = fd === 1 ? callerOf(replaced) : undefined;
				if (!caller || caller.isHost) return original.apply(fs, args);
				const bytes = toBytes(data, undefined);
				take(caller.plugin, bytes);
				return bytes.length;
			}
			return replaced;
		}),
	];
	if (onDeno) guards.push(...guardDeno(take));
	syncBuiltinESMExports();
	return () => {
		for (const restore of guards) restore();
		syncBuiltinESMExports();
		for (const splitter of splitters.values()) splitter.end();
		splitters.clear();
	};
}

/** Deno's console and its own stdout do not go through `process.stdout`. */
function guardDeno(take: (plugin: string, data: unknown) => void): (() => void)[] {
	const texts: Record<string, (args: unknown[]) => string> = {
		log: (args) => format(...args),
		info: (args) => format(...args),
		debug: (args) => format(...args),
		group: (args) => format(...args),
		groupCollapsed: (args) => format(...args),
		dir: ([value]) => inspect(value),
		dirxml: (args) => format(...args),
		table: ([value]) => inspect(value),
		count: ([label = 'default']) => `${label}`,
		timeLog: ([label = 'default', ...rest]) => format(label, ...rest),
		timeEnd: ([label = 'default']) => `${label}`,
	};
	const guards = Object.entries(texts).map(([name, text]) =>
		replaceMethod(console as unknown as Target, name, (original) => {
			function replaced(...args: unknown[]): unknown {
				const { isHost, plugin } = callerOf(replaced);
				if (isHost) return original.apply(console, args);
				return take(plugin, `${text(args)}\n`);
			}
			return replaced;
		}),
	);
	const { stdout } = (globalThis as unknown as { Deno: { stdout: Target } }).Deno;
	for (const [name, answer] of [
		['write', (length: number): unknown => Promise.resolve(length)],
		['writeSync', (length: number): unknown => length],
	] as const) {
		guards.push(
			replaceMethod(stdout, name, (original) => {
				function replaced(...args: unknown[]): unknown {
					const { isHost, plugin } = callerOf(replaced);
					if (isHost || !(args[0] instanceof Uint8Array)) return original.apply(stdout, args);
					take(plugin, args[0]);
					return answer(args[0].length);
				}
				return replaced;
			}),
		);
	}
	return guards;
}

function toBytes(data: unknown, encoding: unknown): Uint8Array {
	// A copy: the splitter keeps what is no whole line, and the plugin may write into its bytes.
	if (data instanceof Uint8Array) return Uint8Array.from(data);
	return Buffer.from(String(data), typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}

import { syncBuiltinESMExports } from 'node:module';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { replaceMethod } from './replace-method.ts';
import { callerOf } from './stack-files.ts';

interface DenoExit {
	exit(code?: number): never;
}

/**
 * Lets no embedded plugin end this process: what would, throws `handler_error` inside the plugin, which names it. What this package
 * itself calls does what it always does. Returns what ends that.
 */
export function guardExit(): () => void {
	const refuse = (name: string, replaced: (...args: never[]) => unknown, args: readonly unknown[]) => {
		const { isHost, plugin } = callerOf(replaced);
		if (isHost) return;
		const call = `${name}(${args.map((arg) => (typeof arg === 'object' ? '…' : String(arg))).join(', ')})`;
		throw new OrchestraError('handler_error', `plugin ${plugin} called ${call}, which would end its host`, {
			hint: 'Return or throw instead, or give the plugin a process of its own with --spawn.',
		});
	};
	const guards = (['exit', 'reallyExit', 'abort'] as const).map((name) =>
		replaceMethod(process as unknown as Record<string, unknown>, name, (original) => {
			function replaced(...args: unknown[]): unknown {
				refuse(`process.${name}`, replaced, args);
				return original.apply(process, args);
			}
			return replaced;
		}),
	);
	guards.push(
		replaceMethod(process as unknown as Record<string, unknown>, 'kill', (original) => {
			function replaced(pid: unknown, signal?: unknown): unknown {
				// 0 and negative numbers are groups of processes; ours may be one of them. Signal 0 only asks.
				if ((Number(pid) === process.pid || Number(pid) <= 0) && signal !== 0) {
					refuse('process.kill', replaced, [pid, signal ?? 'SIGTERM']);
				}
				return original.call(process, pid, signal);
			}
			return replaced;
		}),
	);
	const deno = (globalThis as { Deno?: DenoExit }).Deno;
	if (deno) {
		guards.push(
			replaceMethod(deno as unknown as Record<string, unknown>, 'exit', (original) => {
				function replaced(...args: unknown[]): unknown {
					refuse('Deno.exit', replaced, args);
					return original.apply(deno, args);
				}
				return replaced;
			}),
		);
	}
	syncBuiltinESMExports();
	return () => {
		for (const restore of guards) restore();
		syncBuiltinESMExports();
	};
}

import { createHook } from 'node:async_hooks';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { onDeno } from '../../src/runtime/platform/on-deno.ts';
import { patienceMs } from './patience.ts';

/** A line of a stack that is in the sources, and not in the tests. */
const ownLine = /[/\\]src[/\\][^\n]*/;

/** The place in the sources that something was made at; undefined where a test, or something else, made it. */
function ownPlace(): string | undefined {
	const before = Error.stackTraceLimit;
	Error.stackTraceLimit = 30;
	const { stack = '' } = new Error();
	Error.stackTraceLimit = before;
	return ownLine.exec(stack)?.[0];
}

/** Timers that the sources have started and that are neither over nor stopped, each with its place. */
class Timers {
	readonly #running = new Map<number, { place: string; isStopped: () => boolean }>();
	readonly #hook = createHook({
		init: (id, type, _trigger, resource) => {
			if (type !== 'Timeout') return;
			const place = ownPlace();
			if (place) this.#running.set(id, { place, isStopped: () => isStopped(resource) });
		},
		destroy: (id) => {
			this.#running.delete(id);
		},
	});

	start(): void {
		this.#hook.enable();
	}

	stop(): void {
		this.#hook.disable();
		this.#running.clear();
	}

	list(): string[] {
		return [...this.#running.values()].flatMap(({ place, isStopped }) =>
			isStopped() ? [] : `a timer of ${place}`,
		);
	}
}

function isStopped(timer: object): boolean {
	return (timer as { _destroyed?: boolean })._destroyed === true;
}

/** Listeners that the sources have added to the signals of their callers, which the tests are. */
class AbortListeners {
	readonly #added = new Map<AbortSignal, Map<unknown, string>>();
	readonly #whole = globalThis.AbortController;

	start(): void {
		const added = this.#added;
		// Only signals that a test makes: one of an exchange goes when that does, with all that listens to it.
		globalThis.AbortController = class extends this.#whole {
			constructor() {
				super();
				if (ownPlace()) return;
				const { signal } = this;
				const listeners = new Map<unknown, string>();
				added.set(signal, listeners);
				const { addEventListener: add, removeEventListener: remove } = signal;
				signal.addEventListener = (
					type: string,
					listener: never,
					options?: EventListenerOptions & { once?: boolean },
				) => {
					const place = ownPlace();
					if (place) listeners.set(listener, place);
					add.call(signal, type, listener, options);
				};
				signal.removeEventListener = (type: string, listener: never, options?: EventListenerOptions) => {
					listeners.delete(listener);
					remove.call(signal, type, listener, options);
				};
			}
		};
	}

	stop(): void {
		globalThis.AbortController = this.#whole;
	}

	/** Forgets the signals of the case before. */
	clear(): void {
		this.#added.clear();
	}

	list(): string[] {
		// Those of a signal that has aborted heard it once, and are gone.
		return [...this.#added].flatMap(([signal, listeners]) =>
			signal.aborted ? [] : [...listeners.values()].map((place) => `an abort listener of ${place}`),
		);
	}
}

/** Sockets and pipes of this process; nothing on a system that does not list them. */
function descriptors(): string[] {
	try {
		return readdirSync('/proc/self/fd').flatMap((name) => {
			try {
				const target = readlinkSync(`/proc/self/fd/${name}`);
				return /^(socket|pipe):/.test(target) ? `the descriptor ${target}` : [];
			} catch {
				return []; // The one by which the list was read.
			}
		});
	} catch {
		return [];
	}
}

/** Children of this process that live; nothing on a system that does not list them. */
function processes(): string[] {
	try {
		return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
			.split(' ')
			.filter((pid) => pid !== '' && !isZombie(pid))
			.map((pid) => `the process ${pid} (${commandOf(pid)})`);
	} catch {
		return [];
	}
}

function isZombie(pid: string): boolean {
	try {
		return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, ''));
	} catch {
		return true;
	}
}

function commandOf(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200);
	} catch {
		return 'it has ended';
	}
}

/** Deno keeps two sockets for signals, from the first time that anybody listens to one: they are no case's. */
function makeSignalSockets(): void {
	const listener = () => {};
	process.on('SIGTERM', listener).off('SIGTERM', listener);
}

/** What may stay. */
export interface LeftBehindOptions {
	/** Parts of what is listed as left that is no fault, each with the reason beside it. Default: nothing. */
	readonly except?: readonly RegExp[];
}

/** How long timers and listeners may outlive the last process and descriptor of a case: less than most deadlines, which end by themselves. */
const idleMs = 5_000;

/**
 * Watch of what cases leave in their process: timers that the sources started, their listeners on the signals of a case, sockets and
 * pipes, processes. What was there before a case may stay. It needs no test framework: on Deno there is none.
 */
export class LeftBehindWatch {
	readonly #timers = new Timers();
	readonly #listeners = new AbortListeners();
	readonly #except: readonly RegExp[];
	#before: Left = { inSystem: [], inProcess: [] };

	constructor({ except = [] }: LeftBehindOptions = {}) {
		this.#except = except;
	}

	/** Before the first case. */
	start(): void {
		if (onDeno) makeSignalSockets();
		this.#timers.start();
		this.#listeners.start();
	}

	/** After the last one. */
	stop(): void {
		this.#timers.stop();
		this.#listeners.stop();
	}

	beginCase(): void {
		this.#listeners.clear();
		this.#before = this.#list();
	}

	/** Waits until nothing is left of the case. @throws Error that lists what stays */
	async endCase(): Promise<void> {
		const began = performance.now();
		let lastInSystem = began;
		for (;;) {
			const now = this.#list();
			const inSystem = added(this.#before.inSystem, now.inSystem);
			const left = [...added(this.#before.inProcess, now.inProcess), ...inSystem];
			if (left.length === 0) return;
			const at = performance.now();
			if (inSystem.length > 0) lastInSystem = at;
			if (at > Math.min(began + patienceMs, lastInSystem + idleMs))
				throw new Error(`left behind:\n${left.join('\n')}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	#list(): Left {
		const mayStay = (thing: string) => this.#except.some((pattern) => pattern.test(thing));
		return {
			inSystem: [...descriptors(), ...processes()].filter((thing) => !mayStay(thing)),
			inProcess: [...this.#timers.list(), ...this.#listeners.list()].filter((thing) => !mayStay(thing)),
		};
	}
}

/** What there is: things that the system keeps, which a busy one takes long to end, and things of this process. */
interface Left {
	readonly inSystem: readonly string[];
	readonly inProcess: readonly string[];
}

/** What is in the second list more often than in the first. */
function added(before: readonly string[], now: readonly string[]): string[] {
	const rest = [...before];
	return now.filter((thing) => {
		const at = rest.indexOf(thing);
		if (at === -1) return true;
		rest.splice(at, 1);
		return false;
	});
}

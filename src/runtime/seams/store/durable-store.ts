import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { MemoryStore, type Store, type StoreContents } from './memory-store.ts';
import type { Check, Component, Flag } from './records.ts';
import { StoreJournal } from './store-journal.ts';
import { lockStore } from './store-lock.ts';

/** A line of the file: a record that was put, or a key that was deleted. */
type Entry =
	| { readonly flag: Flag }
	| { readonly component: Component }
	| { readonly check: Check }
	| { readonly deletedFlag: string }
	| { readonly deletedComponent: string };

const heading = '{"orchestra_store":1}';

/**
 * A store in a file: a line for each change, on the disk before the change is acknowledged, so that whatever ends the process loses
 * nothing of what was. One process has it open at a time.
 */
export class DurableStore implements Store, AsyncDisposable {
	readonly #memory: MemoryStore;
	readonly #journal: StoreJournal;
	readonly #unlock: () => void;

	private constructor(memory: MemoryStore, journal: StoreJournal, unlock: () => void) {
		this.#memory = memory;
		this.#journal = journal;
		this.#unlock = unlock;
	}

	/**
	 * Opens the store of a file, or makes one.
	 *
	 * @throws OrchestraError `conflict` where another process has it open, `invalid_configuration` where the file is no store
	 */
	static async open(file: string): Promise<DurableStore> {
		const path = resolve(file);
		const unlock = lockStore(path);
		try {
			const memory = new MemoryStore(await readContents(path));
			return new DurableStore(memory, await StoreJournal.open(path, linesOf(memory)), unlock);
		} catch (error) {
			unlock();
			throw error;
		}
	}

	createFlag(flag: Flag): Promise<void> {
		this.#memory.createFlag(flag);
		return this.#keep({ flag: this.#memory.getFlag(flag) });
	}

	getFlag(key: { readonly key: string }): Promise<Flag> {
		return this.#read(() => this.#memory.getFlag(key));
	}

	listFlags(): Promise<{ flags: Flag[] }> {
		return this.#read(() => this.#memory.listFlags());
	}

	updateFlag(flag: Flag): Promise<void> {
		this.#memory.updateFlag(flag);
		return this.#keep({ flag: this.#memory.getFlag(flag) });
	}

	deleteFlag({ key }: { readonly key: string }): Promise<void> {
		this.#memory.deleteFlag({ key });
		return this.#keep({ deletedFlag: key });
	}

	createComponent(component: Component): Promise<void> {
		this.#memory.createComponent(component);
		return this.#keep({ component: this.#memory.getComponent(component) });
	}

	getComponent(key: { readonly key: string }): Promise<Component> {
		return this.#read(() => this.#memory.getComponent(key));
	}

	listComponents(): Promise<{ components: Component[] }> {
		return this.#read(() => this.#memory.listComponents());
	}

	updateComponent(component: Component): Promise<void> {
		this.#memory.updateComponent(component);
		return this.#keep({ component: this.#memory.getComponent(component) });
	}

	deleteComponent({ key }: { readonly key: string }): Promise<void> {
		this.#memory.deleteComponent({ key });
		return this.#keep({ deletedComponent: key });
	}

	recordCheck(check: Check): Promise<void> {
		this.#memory.recordCheck(check);
		return this.#keep({ check: this.#memory.latestCheck(check) });
	}

	latestCheck(component: { readonly component: string }): Promise<Check> {
		return this.#read(() => this.#memory.latestCheck(component));
	}

	latestChecks(): Promise<{ checks: Check[] }> {
		return this.#read(() => this.#memory.latestChecks());
	}

	/** @throws OrchestraError where it can be written no more */
	ping(): Promise<void> {
		return this.#journal.settled();
	}

	/** Lets the file go when all is on the disk. */
	async close(): Promise<void> {
		await this.#journal.close();
		this.#unlock();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	/** Reads only data that is on the disk: a change that is being written may yet fail. */
	async #read<T>(read: () => T): Promise<T> {
		const value = read();
		await this.#journal.settled();
		return value;
	}

	async #keep(entry: Entry): Promise<void> {
		await this.#journal.append(JSON.stringify(entry));
		if (this.#journal.isLong) await this.#journal.compact(() => linesOf(this.#memory));
	}
}

function linesOf(memory: MemoryStore): string[] {
	const { flags, components, checks } = memory.contents;
	const entries: Entry[] = [
		...flags.map((flag) => ({ flag })),
		...components.map((component) => ({ component })),
		...checks.map((check) => ({ check })),
	];
	return [heading, ...entries.map((entry) => JSON.stringify(entry))];
}

async function readContents(path: string): Promise<StoreContents> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { flags: [], components: [], checks: [] };
		throw error;
	}
	const lines = text.split('\n');
	// Bytes behind the last line end were not acknowledged: the process ended while it wrote.
	lines.pop();
	if (lines.length === 0) return { flags: [], components: [], checks: [] };
	if (lines.shift() !== heading) throw noStore(path, 1);
	const flags = new Map<string, Flag>();
	const components = new Map<string, Component>();
	const checks = new Map<string, Check>();
	for (const [index, line] of lines.entries()) {
		let entry: Entry;
		try {
			entry = JSON.parse(line) as Entry;
		} catch (error) {
			throw noStore(path, index + 2, error);
		}
		if ('flag' in entry) flags.set(entry.flag.key, entry.flag);
		else if ('component' in entry) components.set(entry.component.key, entry.component);
		else if ('check' in entry) checks.set(entry.check.component, entry.check);
		else if ('deletedFlag' in entry) flags.delete(entry.deletedFlag);
		else if ('deletedComponent' in entry) {
			components.delete(entry.deletedComponent);
			checks.delete(entry.deletedComponent);
		} else throw noStore(path, index + 2);
	}
	return { flags: [...flags.values()], components: [...components.values()], checks: [...checks.values()] };
}

function noStore(path: string, line: number, cause?: unknown): OrchestraError {
	return new OrchestraError('invalid_configuration', `line ${line} of ${path} is none of a store`, {
		hint: 'Name another file, or put one of a backup there. Nothing was changed.',
		details: { path, line },
		cause,
	});
}

import { conflict, notFound } from '../seam-error.ts';
import type { SeamImplementation } from '../seam-method.ts';
import type { Check, Component, Flag } from './records.ts';
import type { storeSeam } from './store-seam.ts';

/** Implementation of {@link storeSeam}. */
export type Store = SeamImplementation<(typeof storeSeam)['methods']>;

/** Everything that a store holds. Of the checks of a component only the latest is ever asked for: no other is kept. */
export interface StoreContents {
	readonly flags: readonly Flag[];
	readonly components: readonly Component[];
	readonly checks: readonly Check[];
}

/** A store in memory. */
export class MemoryStore implements Store {
	readonly #flags: Records<Flag>;
	readonly #components: Records<Component>;
	readonly #checks = new Map<string, Check>();
	readonly #now: () => number;

	/** @param now milliseconds of the Unix epoch. Default: Date.now() */
	constructor(contents: Partial<StoreContents> = {}, now: () => number = Date.now) {
		this.#now = now;
		this.#flags = new Records('flag', contents.flags ?? [], now);
		this.#components = new Records('component', contents.components ?? [], now);
		for (const check of contents.checks ?? []) this.#checks.set(check.component, check);
	}

	/** A picture of what it holds. */
	get contents(): StoreContents {
		return {
			flags: this.#flags.list(),
			components: this.#components.list(),
			checks: this.latestChecks().checks,
		};
	}

	createFlag(flag: Flag): void {
		this.#flags.create(flag);
	}

	getFlag({ key }: { readonly key: string }): Flag {
		return this.#flags.get(key);
	}

	listFlags(): { flags: Flag[] } {
		return { flags: this.#flags.list() };
	}

	updateFlag(flag: Flag): void {
		this.#flags.update(flag);
	}

	deleteFlag({ key }: { readonly key: string }): void {
		this.#flags.delete(key);
	}

	createComponent(component: Component): void {
		this.#components.create(component);
	}

	getComponent({ key }: { readonly key: string }): Component {
		return this.#components.get(key);
	}

	listComponents(): { components: Component[] } {
		return { components: this.#components.list() };
	}

	updateComponent(component: Component): void {
		this.#components.update(component);
	}

	deleteComponent({ key }: { readonly key: string }): void {
		this.#components.delete(key);
		this.#checks.delete(key);
	}

	recordCheck(check: Check): void {
		const recorded = { ...check, checkedAt: check.checkedAt ?? this.#now() };
		const before = this.#checks.get(check.component);
		if (before?.checkedAt === undefined || before.checkedAt <= recorded.checkedAt) {
			this.#checks.set(check.component, recorded);
		}
	}

	latestCheck({ component }: { readonly component: string }): Check {
		const check = this.#checks.get(component);
		if (!check) throw notFound(`component ${JSON.stringify(component)} has no check`, { component });
		return check;
	}

	latestChecks(): { checks: Check[] } {
		return { checks: [...this.#checks.values()].sort((a, b) => compareKeys(a.component, b.component)) };
	}

	ping(): void {}
}

/** Records by key: what flags and components have in common. */
class Records<T extends { readonly key: string; readonly createdAt?: number; readonly updatedAt?: number }> {
	readonly #kind: string;
	readonly #now: () => number;
	readonly #records: Map<string, T>;

	constructor(kind: string, records: readonly T[], now: () => number) {
		this.#kind = kind;
		this.#now = now;
		this.#records = new Map(records.map((record) => [record.key, record]));
	}

	create(record: T): void {
		const { key } = record;
		if (this.#records.has(key))
			throw conflict(`there is a ${this.#kind} ${JSON.stringify(key)} already`, { key });
		const createdAt = record.createdAt ?? this.#now();
		this.#records.set(key, { ...record, createdAt, updatedAt: record.updatedAt ?? createdAt });
	}

	get(key: string): T {
		const record = this.#records.get(key);
		if (!record) throw notFound(`there is no ${this.#kind} ${JSON.stringify(key)}`, { key });
		return record;
	}

	list(): T[] {
		return [...this.#records.values()].sort((a, b) => compareKeys(a.key, b.key));
	}

	update(record: T): void {
		const { createdAt } = this.get(record.key);
		this.#records.set(record.key, { ...record, createdAt, updatedAt: this.#now() });
	}

	delete(key: string): void {
		this.get(key);
		this.#records.delete(key);
	}
}

/** By code units, so that the order is the same on every machine. */
function compareKeys(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

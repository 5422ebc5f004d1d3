import type { Check, Component } from '../store/records.ts';
import { type CheckStatusOptions, checkStatus, type StatusChecker } from './check-status.ts';

/** A provider, by its name. */
export interface NamedStatusProvider {
	readonly name: string;
	readonly client: StatusChecker;
}

/** Status providers by name: a component says which one checks it. */
export class StatusRegistry {
	readonly #providers = new Map<string, StatusChecker>();

	constructor(providers: readonly NamedStatusProvider[] = []) {
		for (const provider of providers) this.register(provider);
	}

	/** Adds a provider; of one name the last one counts. */
	register({ name, client }: NamedStatusProvider): void {
		this.#providers.set(name, client);
	}

	/** The names, sorted. */
	get names(): string[] {
		return [...this.#providers.keys()].sort();
	}

	/** Checks a component by its provider. Never rejects: without one its state is `unknown`. */
	check(component: Component, options: CheckStatusOptions = {}): Promise<Check> {
		const { provider = '', key } = component;
		const found = this.#providers.get(provider);
		if (found) return checkStatus(found, component, options);
		const checkedAt = (options.now ?? Date.now)();
		const message = `unknown provider ${JSON.stringify(provider)}`;
		return Promise.resolve({ component: key, state: 'unknown', message, checkedAt });
	}
}

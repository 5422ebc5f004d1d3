import type { ActionTarget } from '../services/exec-service.ts';

/**
 * Says which parts of a resource a terminal can be opened on, as data that front ends work out: where the label is, where the
 * candidates are, and how they are chosen.
 *
 * @example new ActionTargetBuilder().label('Container').paths('spec.containers').labelSelector('name').build()
 */
export class ActionTargetBuilder {
	#target: ActionTarget = { label: '', labelSelector: '', paths: [], selectors: {} };

	/** Sets the name that a front end shows for one of them. */
	label(label: string): this {
		this.#target = { ...this.#target, label };
		return this;
	}

	/** The place in a candidate that names it. */
	labelSelector(labelSelector: string): this {
		this.#target = { ...this.#target, labelSelector };
		return this;
	}

	/** The places in the resource's data where candidates are. */
	paths(...paths: string[]): this {
		this.#target = { ...this.#target, paths: [...this.#target.paths, ...paths] };
		return this;
	}

	/** Adds a param of a session: its name, and the place in the candidate that its value comes from. */
	selector(name: string, path: string): this {
		this.#target = { ...this.#target, selectors: { ...this.#target.selectors, [name]: path } };
		return this;
	}

	/** A copy as it is now. */
	build(): ActionTarget {
		return structuredClone(this.#target);
	}
}

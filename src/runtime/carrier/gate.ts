/** A gate at which several wait until it is opened, once. Whoever has to wait makes one; an open gate is dropped. */
export class Gate {
	readonly opened: Promise<void>;
	#open: () => void = () => undefined;

	constructor() {
		this.opened = new Promise((resolve) => {
			this.#open = resolve;
		});
	}

	open(): void {
		this.#open();
	}
}

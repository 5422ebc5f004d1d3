import { IncomingExchange } from '../../../src/runtime/carrier/incoming-exchange.ts';
import type { PluginRequest, PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';

/** An exchange whose other end is the test: to cancel it at a chosen moment, and to see what is answered then. */
export class FakeExchange extends IncomingExchange {
	readonly sent: PluginResponse[] = [];
	readonly #onFinish: (response: PluginResponse) => void;
	/** While set, the reader is behind. */
	behind: Promise<void> | undefined;

	constructor(request: PluginRequest, onFinish: (response: PluginResponse) => void = () => {}) {
		super({ requestId: 'r1', ...request }, { name: 'test', carrier: 'memory', address: '' });
		this.#onFinish = onFinish;
	}

	protected sendFrame(response: PluginResponse): Promise<void> | undefined {
		this.sent.push(response);
		return this.behind;
	}

	protected finishFrame(response: PluginResponse): void {
		this.#onFinish(response);
	}

	protected grantInput(): void {}

	protected forget(): void {}
}

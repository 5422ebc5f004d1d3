// What the tests use of `ws`, which has no types of its own.
declare module 'ws' {
	import type { EventEmitter } from 'node:events';

	export class WebSocket extends EventEmitter {
		static readonly OPEN: number;
		readonly readyState: number;
		constructor(url: string, options?: { handshakeTimeout?: number });
		send(text: string): void;
		terminate(): void;
	}
}

import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/client';
import type { PluginProcess } from '../../launching/plugin-process.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/**
 * MCP over the stdin and stdout of a process that was started as all plugins are. A line that begins as an object is a message;
 * everything else that it prints is output.
 */
export class ProcessTransport implements Transport {
	onclose?: () => void;
	onerror?: (error: Error) => void;
	onmessage?: (message: JSONRPCMessage) => void;
	readonly #process: PluginProcess;
	readonly #name: string;

	constructor(process: PluginProcess, name: string) {
		this.#process = process;
		this.#name = name;
	}

	start(): Promise<void> {
		this.#process.watchLines((line, stream) => {
			if (stream !== 'stdout' || !line.startsWith('{')) return false;
			this.#take(line);
			return 'message';
		});
		void this.#process.exited.then(() => this.onclose?.());
		return Promise.resolve();
	}

	send(message: JSONRPCMessage): Promise<void> {
		if (this.#process.writeInput(serializeMessage(message))) return Promise.resolve();
		const text = `MCP server ${this.#name} does not read what it is sent`;
		return Promise.reject(new OrchestraError('overloaded', text, { retryable: true }));
	}

	/** The end of its input is how an MCP server is told to end; its process is its owner's. */
	close(): Promise<void> {
		this.#process.watchLines(undefined);
		this.#process.closeStdin();
		return Promise.resolve();
	}

	#take(line: string): void {
		let message: JSONRPCMessage;
		try {
			message = deserializeMessage(line);
		} catch (error) {
			this.onerror?.(new Error(`MCP server ${this.#name} sent a line that is no message`, { cause: error }));
			return;
		}
		this.onmessage?.(message);
	}
}

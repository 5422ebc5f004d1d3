import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type {
	PluginRequest,
	PluginResponse,
	ToolResponse,
} from '../../../src/runtime/wire/generated/messages.ts';

/**
 * An answer as the Go side prints it, in protobuf's JSON: like ours, but 64 bit integers are strings, bytes base64, and enums
 * their names.
 */
export type GoMessage = PluginResponse;

/** A plugin that a Go host has started. */
export interface GoLaunched {
	readonly plugin: number;
	readonly client: number;
	readonly pid: number;
	/** Where the plugin listens; empty where it ended first. */
	readonly address: string;
	readonly register: GoMessage;
	readonly boot: GoMessage;
	readonly list_tools: GoMessage;
}

/** How a plugin ended. */
export interface GoStopped {
	readonly shutdown?: GoMessage;
	readonly code?: number;
	readonly output: string;
}

/** What a Go orchestrator was asked. */
export interface GoAsked {
	/** The name on the certificate of whoever asked. */
	readonly peer: string;
	readonly request: PluginRequest;
}

/** The program test/interop/go/peer, running. It ends when its stdin does. */
export class GoPeer implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
	readonly #exited: Promise<void>;
	#lastId = 0;
	#stderr = '';

	constructor(program: string, env: Record<string, string> = {}) {
		this.#child = spawn(program, [], { env: { ...process.env, ...env } });
		this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.#stderr += text;
		});
		this.#child.stdin.on('error', () => {});
		createInterface(this.#child.stdout).on('line', (line) => {
			const told = JSON.parse(line);
			const waiting = this.#waiting.get(told.id);
			this.#waiting.delete(told.id);
			if (told.error) waiting?.reject(new Error(told.error));
			else waiting?.resolve(told.result ?? {});
		});
		this.#exited = new Promise((resolve) => {
			this.#child.once('close', () => {
				for (const { reject } of this.#waiting.values())
					reject(new Error(`the Go peer ended\n${this.#stderr}`));
				resolve();
			});
		});
	}

	/** Has the peer do something; rejects with what the Go side says of a failure. */
	ask<T>(op: string, params: object): Promise<T> {
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve: (result) => resolve(result as T), reject });
			this.#child.stdin.write(`${JSON.stringify({ id, op, params })}\n`);
		});
	}

	/** Connects to a QUIC address (`host:port`) under a name of its own. */
	async dial(dir: string, name: string, address: string): Promise<number> {
		return (await this.ask<{ client: number }>('dial', { dir, name, address })).client;
	}

	/** One request, one answer. */
	send(client: number, request: object, options: { unknownField?: number } = {}): Promise<GoMessage> {
		return this.ask('send', { client, request, ...options });
	}

	/** A stream: all its responses, or those until it was cancelled. */
	stream(client: number, request: object, options: { cancelAfter?: number } = {}): Promise<GoMessage[]> {
		return this.ask('stream', { client, request, ...options });
	}

	/** Calls a tool and gives its `toolCall` answer. */
	async call(client: number, toolName: string, args: object = {}): Promise<ToolResponse> {
		const answer = await this.send(client, { requestId: 'go', toolCall: { toolName, arguments: args } });
		if (!answer.toolCall) throw new Error(`no answer to a tool call: ${JSON.stringify(answer)}`);
		return answer.toolCall;
	}

	/** Starts a server of some kind; gives its address as `host:port`. */
	serve(
		op: 'serve' | 'sdk_serve' | 'tcp_serve',
		params: object = {},
	): Promise<{ address: string; server: number }> {
		return this.ask(op, params);
	}

	/** Ends a plugin that it has launched, or waits for its end. */
	stop(plugin: number, how: { kill?: boolean; abandon?: boolean } = {}): Promise<GoStopped> {
		return this.ask('stop', { plugin, ...how });
	}

	/** Kills it, as a host that crashes. */
	kill(): void {
		this.#child.kill('SIGKILL');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.stdin.end();
		await this.#exited;
	}
}

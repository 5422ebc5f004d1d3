import { randomUUID } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { InputRequest } from '../../runtime/plugin/definition/input-required.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { ToolOutcome } from '../calls/tool-outcome.ts';

/** Progress of a task. The last three are ends. */
export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** An error of the protocol that ended a task. */
export interface TaskError {
	readonly code: number;
	readonly message: string;
	readonly data?: unknown;
}

/** Runs the tool of a task anew, with what was answered. Never rejects. */
export type RunAgain = (answers: {
	readonly inputResponses: JsonObject;
	readonly requestState: string | undefined;
}) => Promise<ToolOutcome>;

/** Parts that a task is made of. */
export interface CallTaskOptions {
	/** Ends the call of the tool. */
	readonly controller: AbortController;
	/** The run that goes on. */
	readonly first: Promise<ToolOutcome>;
	readonly again: RunAgain;
	readonly ttlMs: number;
	/** Refuses a question that the client cannot answer. Undefined: it can be asked anything. */
	readonly refuse: (request: InputRequest) => TaskError | undefined;
	/** Judges a result before it is kept: it may give another in its place. */
	readonly keep: (result: CallToolResult) => CallToolResult;
}

interface Asked {
	/** The key by which the tool knows it. */
	readonly key: string;
	readonly request: InputRequest;
	/** Whether a client of 2025-11-25 is being asked. */
	taken: boolean;
}

/** A call that goes on while its client asks how far it is. Whoever made it lets it end. */
export class CallTask {
	readonly id = randomUUID();
	readonly createdAt = new Date();
	readonly ttlMs: number;
	updatedAt = this.createdAt;
	status: TaskStatus = 'working';
	/** Message about its progress. */
	message: string | undefined;
	result: CallToolResult | undefined;
	error: TaskError | undefined;
	readonly #options: CallTaskOptions;
	/** Questions without an answer, by keys that are used once in the life of a task. */
	readonly #asked = new Map<string, Asked>();
	readonly #usedKeys = new Set<string>();
	#answers: JsonObject = {};
	#rounds = 0;
	#requestState: string | undefined;
	#wake: (() => void)[] = [];

	constructor(options: CallTaskOptions) {
		this.#options = options;
		this.ttlMs = options.ttlMs;
		void options.first.then((outcome) => this.#take(outcome));
	}

	get hasEnded(): boolean {
		return this.status !== 'working' && this.status !== 'input_required';
	}

	/** Questions without an answer. */
	get inputRequests(): Record<string, InputRequest> {
		return Object.fromEntries([...this.#asked].map(([key, { request }]) => [key, request]));
	}

	/** Questions that nobody is being asked yet; from now on somebody is. */
	takeInputRequests(): Record<string, InputRequest> {
		const free = [...this.#asked].filter(([, asked]) => !asked.taken);
		for (const [, asked] of free) asked.taken = true;
		return Object.fromEntries(free.map(([key, { request }]) => [key, request]));
	}

	/** Reports the progress. */
	report(message: string): void {
		if (this.status !== 'working' || !message) return;
		this.message = message.slice(0, maxMessageLength);
		this.updatedAt = new Date();
	}

	/** Takes answers. What is not asked for, or was answered already, is passed over. Once all are there the tool runs anew. */
	answer(inputResponses: JsonObject): void {
		for (const [wireKey, { key }] of [...this.#asked]) {
			const response = inputResponses[wireKey];
			if (!Object.hasOwn(inputResponses, wireKey) || response === undefined) continue;
			this.#asked.delete(wireKey);
			this.#answers[key] = response;
		}
		if (this.status !== 'input_required' || this.#asked.size > 0) return;
		const again = { inputResponses: this.#answers, requestState: this.#requestState };
		this.#answers = {};
		this.#set('working');
		void this.#options.again(again).then((outcome) => this.#take(outcome));
	}

	/** Ends it where it has not ended. */
	cancel(message: string): void {
		if (this.hasEnded) return;
		this.message = message;
		this.#set('cancelled');
		this.#options.controller.abort(new Error(message));
	}

	fail(error: TaskError): void {
		if (this.hasEnded) return;
		this.error = error;
		this.message = error.message;
		this.#set('failed');
		this.#options.controller.abort(new Error(error.message));
	}

	/** Settles when its status changes. */
	changed(): Promise<void> {
		return new Promise((resolve) => this.#wake.push(resolve));
	}

	#take({ result, asked }: ToolOutcome): void {
		if (this.hasEnded) return;
		if (result) {
			this.result = this.#options.keep(result);
			this.message = undefined;
			this.#set('completed');
			return;
		}
		if (++this.#rounds > maxRounds) {
			this.fail({ code: -32_603, message: `the tool has asked ${maxRounds} times` });
			return;
		}
		const requests = Object.entries(asked.inputRequests as Record<string, InputRequest>);
		for (const [key, request] of requests) {
			const refusal = this.#options.refuse(request);
			if (refusal) {
				this.fail(refusal);
				return;
			}
			const wireKey = this.#unusedKey(key);
			this.#asked.set(wireKey, { key, request, taken: false });
		}
		this.#requestState = asked.requestState;
		this.#set('input_required');
		// A tool that asks for nothing wants to be called anew.
		if (requests.length === 0) this.answer({});
	}

	/** A tool that runs anew may use a key of before, a task may not. */
	#unusedKey(key: string): string {
		let wireKey = key;
		for (let number = 2; this.#usedKeys.has(wireKey); number++) wireKey = `${key}-${number}`;
		this.#usedKeys.add(wireKey);
		return wireKey;
	}

	#set(status: TaskStatus): void {
		this.status = status;
		this.updatedAt = new Date();
		if (this.hasEnded) this.#asked.clear();
		const wake = this.#wake;
		this.#wake = [];
		for (const resolve of wake) resolve();
	}
}

/** Times that a tool may ask in one task. */
const maxRounds = 32;

/** Characters of what is said of how far a task is. */
const maxMessageLength = 1_000;

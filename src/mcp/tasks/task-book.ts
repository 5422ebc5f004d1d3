import type { CallToolResult } from '@modelcontextprotocol/server';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { failedResult } from '../calls/tool-result.ts';
import { CallTask, type CallTaskOptions } from './call-task.ts';

/** Tasks of one owner, and of all. */
const maxOwnTasks = 128;
const maxTasks = 512;

/** Bytes of all results that are kept until they expire. */
const maxKeptBytes = 64 * 1024 * 1024;

/** Milliseconds after which a task is forgotten, from its beginning; one that has not ended is cancelled then. */
export const taskTtlMs = 60 * 60_000;

/** The room that the tasks of all owners share. */
export class TaskRoom {
	tasks = 0;
	bytes = 0;
}

/**
 * The tasks of one owner: a connection, a session, or all clients that have none, which know their tasks by ids that cannot be guessed.
 * They end with it.
 */
export class TaskBook {
	readonly #room: TaskRoom;
	readonly #tasks = new Map<
		string,
		{ readonly task: CallTask; readonly timer: NodeJS.Timeout; bytes: number }
	>();
	#closed = false;

	constructor(room: TaskRoom) {
		this.#room = room;
	}

	/** Whether there is no room for another. */
	get isFull(): boolean {
		return this.#closed || this.#tasks.size >= maxOwnTasks || this.#room.tasks >= maxTasks;
	}

	/** Makes a task; undefined where there is no room. */
	add(options: Omit<CallTaskOptions, 'keep'>): CallTask | undefined {
		if (this.isFull) return undefined;
		const task: CallTask = new CallTask({ ...options, keep: (result) => this.#keep(task, result) });
		const timer = setTimeout(() => this.#forget(task.id, 'its time is over'), options.ttlMs);
		timer.unref();
		this.#tasks.set(task.id, { task, timer, bytes: 0 });
		this.#room.tasks++;
		return task;
	}

	get(id: string): CallTask | undefined {
		return this.#tasks.get(id)?.task;
	}

	/** All of them, the oldest first. */
	all(): CallTask[] {
		return [...this.#tasks.values()].map(({ task }) => task);
	}

	/** Ends and forgets them all. */
	close(): void {
		this.#closed = true;
		for (const id of [...this.#tasks.keys()]) this.#forget(id, 'its client has gone');
	}

	#keep(task: CallTask, result: CallToolResult): CallToolResult {
		const entry = this.#tasks.get(task.id);
		const bytes = Buffer.byteLength(JSON.stringify(result));
		if (!entry || this.#room.bytes + bytes <= maxKeptBytes) {
			if (entry) entry.bytes = bytes;
			if (entry) this.#room.bytes += bytes;
			return result;
		}
		const error = new OrchestraError('overloaded', 'too many results of tasks wait here to be read', {
			hint: 'They are forgotten an hour after their calls began. Call it anew for less.',
			retryable: true,
		});
		return failedResult(error, false);
	}

	#forget(id: string, why: string): void {
		const entry = this.#tasks.get(id);
		if (!entry) return;
		this.#tasks.delete(id);
		this.#room.tasks--;
		this.#room.bytes -= entry.bytes;
		clearTimeout(entry.timer);
		entry.task.cancel(why);
	}
}

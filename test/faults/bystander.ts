import assert from 'node:assert/strict';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { within } from '../carriers/within.ts';

/** Its calls last as long as the case does. */
const patient = { timeoutMs: Number.POSITIVE_INFINITY };

/** A client that has nothing to do with a fault: with a call and a stream under way all the time. */
export class Bystander {
	readonly #connection: Connection;
	readonly #held: Recorder;
	readonly #stream: Recorder;

	private constructor(connection: Connection) {
		this.#connection = connection;
		this.#held = new Recorder(connection, toolCall({}, 'hold'), patient);
		this.#stream = new Recorder(
			connection,
			{ streamStart: { streamId: 'bystander', toolName: 'count' } },
			patient,
		);
	}

	/** Starts its calls on a connection that is its own from now on. */
	static async on(connection: Connection): Promise<Bystander> {
		const bystander = new Bystander(connection);
		await bystander.#stream.partsUpTo(1);
		return bystander;
	}

	/** Asserts that it has noticed nothing, and closes its connection. */
	async expectUnharmed(release: () => void): Promise<void> {
		try {
			assert.equal(this.#connection.open, true, 'the connection of a bystander ended');
			assert.equal(this.#held.ends, 0, 'the call of a bystander ended');
			assert.equal(this.#stream.ends, 0, 'the stream of a bystander ended');
			await this.#stream.partsUpTo(this.#stream.parts.length + 2);
			const answer = await new Recorder(this.#connection, toolCall({ n: 7 })).response();
			assert.deepEqual(answer.toolCall?.result, { n: 7 });
			release();
			assert.deepEqual((await this.#held.response()).toolCall?.result, { held: true });
			this.#stream.exchange.cancel();
			assert.equal((await this.#stream.error()).code, 'cancelled');
		} finally {
			await this.close();
		}
	}

	close(): Promise<void> {
		return within(this.#connection.close(), 'the connection of a bystander closes');
	}
}

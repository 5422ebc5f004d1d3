import { ClientProcess } from '../processes/client-process.mjs';
import { startServer } from '../processes/server-process.mjs';

/** @typedef {import('./peers.mjs').Peer} Peer */

/** Milliseconds for a client to start and to connect. */
const openMs = 20_000;

/** Milliseconds and calls of the warm-up that every new pair of processes gets. */
const warmUp = { bytes: 100, concurrency: 16, milliseconds: 1_000, maxCalls: 3_000 };

/** A server process and a client process of one peer, connected. */
export class Session {
	/**
	 * @param {ClientProcess} client
	 * @param {import('../processes/server-process.mjs').ServerProcess | undefined} server
	 */
	constructor(client, server) {
		this.client = client;
		this.server = server;
		this.clientPid = client.pid;
		this.serverPid = server?.pid;
	}

	async stop() {
		await this.client.stop();
		await this.server?.stop();
	}

	/** For a client that failed: it may have been killed before it could end the server that it had started. */
	async stopAfterFailure() {
		await this.stop();
		if (this.server || !this.serverPid) return;
		try {
			process.kill(this.serverPid, 'SIGKILL');
		} catch {
			// It has ended, as it should have.
		}
	}
}

/** The sessions of one round: opened when they are first needed, closed together. Those that wait cost no CPU. */
export class Sessions {
	/** @type {Map<string, Session>} */
	#open = new Map();
	#commands;
	#warm;

	/**
	 * @param {import('./commands.mjs').Commands} commands
	 * @param {boolean} warm whether to call a while before anything is measured
	 */
	constructor(commands, warm) {
		this.#commands = commands;
		this.#warm = warm;
	}

	/**
	 * @param {Peer} peer
	 * @returns {Promise<Session>}
	 */
	async get(peer) {
		const known = this.#open.get(peer.id);
		if (known) return known;
		const command = this.#commands.server(peer);
		/** @type {Record<string, string>} */
		const env = { ORCHESTRA_PARENT_WATCH: 'stdin' };
		if (peer.carrier) env.ORCHESTRA_CARRIER = peer.carrier;
		const server = command ? await startServer(command, env) : undefined;
		const address = server?.address.replace(/^\w+:\/\//, '');
		const session = new Session(new ClientProcess(this.#commands.client(peer, address)), server);
		this.#open.set(peer.id, session);
		const { serverPid } = await session.client.ask('open', {}, openMs);
		session.serverPid ??= serverPid;
		if (this.#warm) await session.client.ask('load', warmUp, openMs);
		return session;
	}

	/**
	 * Ends a session of which nobody knows what state it is in.
	 *
	 * @param {Peer} peer
	 */
	async drop(peer) {
		const session = this.#open.get(peer.id);
		this.#open.delete(peer.id);
		await session?.stopAfterFailure();
	}

	async close() {
		const sessions = [...this.#open.values()];
		this.#open.clear();
		await Promise.all(sessions.map((session) => session.stop()));
	}
}

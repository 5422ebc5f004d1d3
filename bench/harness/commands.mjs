import { denoExecutable } from './deno.mjs';

/** @typedef {import('./peers.mjs').Peer} Peer */

/** How the programs of this run are started. */
export class Commands {
	#certsDir;
	#profileDir;
	/** @type {string | undefined} */
	#deno;
	#profiles = 0;

	/**
	 * @param {string} certsDir
	 * @param {string | undefined} profileDir
	 */
	constructor(certsDir, profileDir) {
		this.#certsDir = certsDir;
		this.#profileDir = profileDir;
	}

	/**
	 * @param {'node' | 'deno' | 'go'} runtime
	 * @param {string[]} program
	 * @param {string=} profile the name of its CPU profile, where profiles are wanted
	 */
	runtime(runtime, program, profile) {
		if (runtime === 'go') return program;
		if (runtime === 'deno') {
			this.#deno ??= denoExecutable();
			return [this.#deno, 'run', '-A', '--quiet', ...program];
		}
		const flags =
			this.#profileDir && profile
				? [
						'--cpu-prof',
						`--cpu-prof-dir=${this.#profileDir}`,
						`--cpu-prof-name=${profile}-${++this.#profiles}.cpuprofile`,
					]
				: [];
		return [process.execPath, ...flags, ...program];
	}

	/** @param {Peer} peer */
	server(peer) {
		if (!peer.server) return undefined;
		return this.runtime(peer.runtime, [...peer.server, ...this.#serverArguments(peer)], `${peer.id}-server`);
	}

	/**
	 * @param {Peer} peer
	 * @param {string | undefined} address of its server
	 */
	client(peer, address) {
		const serverCommand = this.#launched(peer);
		const target = JSON.stringify({
			address,
			certsDir: this.#certsDir,
			carrier: peer.carrier,
			serverCommand,
		});
		return this.runtime(peer.runtime, [...peer.client, target], `${peer.id}-client`);
	}

	/**
	 * The command by which a client starts a server of its own.
	 *
	 * @param {Peer} peer
	 */
	#launched(peer) {
		// The host that launches ours adds the flags of the process contract itself.
		if (peer.groups.includes('ours')) return this.runtime(peer.runtime, peer.launched ?? peer.server ?? []);
		if (peer.launched) return this.runtime('node', peer.launched);
		return this.runtime(peer.runtime, [...(peer.server ?? []), ...this.#serverArguments(peer)]);
	}

	/** @param {Peer} peer */
	#serverArguments(peer) {
		// Plugins take the flags of the process contract, the other peers' servers just the directory.
		const plugin = peer.groups.includes('ours') || peer.runtime === 'go';
		return plugin ? ['--listen-addr=127.0.0.1:0', `--certs-dir=${this.#certsDir}`] : [this.#certsDir];
	}
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Address } from '../../src/runtime/carrier/address.ts';
import { formatAddress, parseAddress } from '../../src/runtime/carrier/address.ts';
import type { KeepAlive } from '../../src/runtime/carrier/carrier.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import type { Network } from './harness.ts';
import { within } from './within.ts';

/** A peer in a process of its own, so that it can be killed. */
export interface PeerProcess {
	/** Where it serves; where it calls, the address that it calls. */
	readonly address: Address;
	/** Kills it, with no chance to say goodbye. */
	kill(): Promise<void>;
	/** Stops it from running, with all its connections open. */
	freeze(): void;
	thaw(): void;
	/** Kills it where it still runs. */
	stop(): Promise<void>;
}

/**
 * Starts a peer that calls a listener and waits for an answer, or one that serves and never answers. It runs on Deno, which
 * takes the sources as they are; Node 20 does not.
 */
export async function startPeerProcess(
	network: Network,
	role: 'call',
	address: Address,
	keepAlive?: KeepAlive,
): Promise<PeerProcess>;
export async function startPeerProcess(network: Network, role: 'serve'): Promise<PeerProcess>;
export async function startPeerProcess(
	network: Network,
	role: 'call' | 'serve',
	address?: Address,
	keepAlive?: KeepAlive,
): Promise<PeerProcess> {
	const program = fileURLToPath(new URL('./peer-program.ts', import.meta.url));
	const { lines: onLine } = network;
	const child = spawn(...runtimeCommand('deno', program), {
		stdio: ['pipe', 'pipe', 'inherit', ...(onLine ? (['pipe', 'pipe'] as const) : [])],
	}) as ChildProcessByStdio<Writable, Readable, null>;
	const [, , , toProcess, toHost] = child.stdio as unknown as Socket[];
	const exited = once(child, 'exit');
	const identity = role === 'call' ? network.client : network.server;
	// Over stdin: a private key is nothing for a command line.
	child.stdin.end(
		JSON.stringify({
			role,
			identity,
			carrier: network.carrier.name,
			address: address && formatAddress(address),
			keepAlive,
		}),
	);
	const lines = createInterface({ input: child.stdout });
	const [line] = (await within(
		Promise.race([
			once(lines, 'line'),
			exited.then(([code]) => Promise.reject(new Error(`the peer exited with ${code} before it was ready`))),
		]),
		'the peer process is ready',
	)) as [string];
	const ready = JSON.parse(line) as { pid: number; address: string };
	if (onLine && address) onLine.serve(address, toHost as Socket);
	let running = true;
	void exited.then(() => {
		running = false;
	});
	const kill = async () => {
		// Not the child's pid: that may be a launcher.
		process.kill(ready.pid, 'SIGKILL');
		await within(exited, 'the peer process is gone');
	};
	return {
		address: onLine ? (address ?? onLine.addressOf(toProcess as Socket)) : parseAddress(ready.address),
		kill,
		freeze: () => process.kill(ready.pid, 'SIGSTOP'),
		thaw: () => process.kill(ready.pid, 'SIGCONT'),
		stop: async () => {
			if (running) await kill();
		},
	};
}

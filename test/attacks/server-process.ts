import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Address, NetworkCarrier } from '../../src/runtime/carrier/address.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { within } from '../carriers/within.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { runtimeCommand } from '../support/runtime-command.ts';

const source = new URL('./attacked-server.ts', import.meta.url);

/** A server that is attacked, in a process of its own. */
export class ServerProcess {
	/** What it said on stderr. */
	said = '';
	readonly #process: ChildProcess;
	readonly #ports: Record<string, number>;

	private constructor(child: ChildProcess, ports: Record<string, number>) {
		this.#process = child;
		this.#ports = ports;
	}

	/** @param heapMegabytes what its heap may grow to */
	static async start(
		runtime: 'node' | 'deno',
		identity: Identity,
		heapMegabytes: number,
		folder: string,
	): Promise<ServerProcess> {
		const heap = `--max-old-space-size=${heapMegabytes}`;
		const [command, args] =
			runtime === 'node'
				? runtimeCommand('node', heap, await bundleProgram(source, folder))
				: runtimeCommand('deno', `--v8-flags=${heap}`, fileURLToPath(source));
		const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
		let said = '';
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			if (server) server.said = said;
		});
		let server: ServerProcess | undefined;
		child.stdin?.write(`${JSON.stringify(identity)}\n`);
		const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the server ended: ${said}`)));
		ended.catch(() => undefined);
		const line = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
		const [text] = (await within(Promise.race([line, ended]), 'the ports of the server')) as [string];
		server = new ServerProcess(child, JSON.parse(text));
		return server;
	}

	address(carrier: NetworkCarrier): Address {
		return { carrier, host: '127.0.0.1', port: this.#ports[carrier] as number };
	}

	get alive(): boolean {
		return this.#process.exitCode === null && this.#process.signalCode === null;
	}

	/** Its memory, in MB. */
	get megabytes(): number {
		return this.#status('VmRSS');
	}

	/** The most memory that it ever had, in MB. */
	get mostMegabytes(): number {
		return this.#status('VmHWM');
	}

	#status(field: string): number {
		const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
		return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
	}

	async stop(): Promise<void> {
		if (!this.alive) return;
		const exited = once(this.#process, 'exit');
		this.#process.kill('SIGKILL');
		await exited;
	}
}

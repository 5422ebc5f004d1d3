import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsClientPort, natsServerProgram } from '../../bench/processes/nats-program.mjs';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Changes } from './changes.ts';

/** The program of the server; undefined where this machine has none. */
export { natsServerProgram };

/** What a user of the server may do, in the server's own words; without them, everything. */
export interface NatsUser {
	readonly name: string;
	readonly permissions?: string;
}

export interface NatsServerOptions {
	/** A certificates directory of ours: the server's certificate is made there, and its authority is whom the server trusts. */
	readonly certsDir: string;
	/** The names of the certificates that may connect. Anybody else is refused. */
	readonly users: readonly (string | NatsUser)[];
	/** More of the server's configuration, such as `max_payload: 64KB`. */
	readonly more?: string;
}

interface ServerPlace {
	readonly name: string;
	/** 0 takes a free one. */
	readonly port: number;
	readonly cluster?: { readonly port: number; readonly routes: readonly number[] };
}

/** How long a server may take until it serves, on a machine that does much else. */
const startMs = 30_000;

/** What a server prints is kept up to here, for the message of a failure. */
const maxOutput = 32_768;

/**
 * Runs the server, prints its process id, and ends it when the pipe of stdin ends: a test that is killed leaves no server. The
 * shell lives as long as the server does.
 */
const guarded = `
exec 3<&0
"$0" "$@" </dev/null 3<&- &
server=$!
echo "$server"
(read -r _ <&3; kill -9 "$server") >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$server"
kill "$guard"
`;

/** A nats-server on loopback with mTLS from our own certificates, each mapped to a user by its name, and with JetStream. */
export class NatsServer implements AsyncDisposable {
	readonly #options: NatsServerOptions;
	readonly #folder: string;
	#place: ServerPlace;
	#guard: ChildProcess | undefined;
	#pid = 0;
	#ended: Promise<unknown> = Promise.resolve();
	#over = true;
	#output = '';
	readonly #changes = new Changes();

	private constructor(options: NatsServerOptions, place: ServerPlace) {
		this.#options = options;
		this.#place = place;
		this.#folder = mkdtempSync(join(tmpdir(), 'orchestra-nats-'));
	}

	/** @internal Use {@link startNats} or {@link startNatsCluster}. */
	static async start(options: NatsServerOptions, place: ServerPlace): Promise<NatsServer> {
		const server = new NatsServer(options, place);
		try {
			await server.start();
			return server;
		} catch (error) {
			await server[Symbol.asyncDispose]();
			throw error;
		}
	}

	get name(): string {
		return this.#place.name;
	}

	/** It stays the same when the server is started again. */
	get port(): number {
		return this.#place.port;
	}

	get url(): string {
		return `tls://127.0.0.1:${this.port}`;
	}

	get pid(): number {
		return this.#pid;
	}

	get runs(): boolean {
		return !this.#over;
	}

	/** The end of what it printed. */
	get output(): string {
		return this.#output;
	}

	/** Starts it, or starts it again with what it has stored, and waits until it serves. */
	async start(): Promise<void> {
		const program = natsServerProgram();
		if (program === undefined) throw new Error('there is no nats-server on this machine');
		await ensureIdentity(this.#options.certsDir, serverIdentity);
		const ports = join(this.#folder, 'ports');
		rmSync(ports, { recursive: true, force: true });
		mkdirSync(ports, { recursive: true });
		const configuration = join(this.#folder, 'server.conf');
		writeFileSync(configuration, configurationOf(this.#options, this.#place, this.#folder));
		const guard = spawn(
			'sh',
			[
				'-c',
				guarded,
				program,
				'-c',
				configuration,
				'--ports_file_dir',
				ports,
				'-P',
				join(this.#folder, 'pid'),
			],
			{ stdio: ['pipe', 'pipe', 'pipe'] },
		);
		this.#guard = guard;
		this.#over = false;
		this.#ended = once(guard, 'close').then(() => {
			this.#over = true;
			this.#changes.tell();
		});
		const pid = once(guard.stdout.setEncoding('utf8'), 'data');
		guard.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.#output = (this.#output + text).slice(-maxOutput);
			this.#changes.tell();
		});
		this.#pid = Number.parseInt(String(await pid), 10);
		// The file is written once everything listens; that may be a moment after the last line is printed.
		const looking = setInterval(() => this.#changes.tell(), 20);
		const served = await this.#changes
			.until(
				() => natsClientPort(ports),
				() => this.#over,
				startMs,
				() => new Error(`nats-server did not start:\n${this.#output}`),
			)
			.finally(() => clearInterval(looking));
		this.#place = { ...this.#place, port: served };
	}

	/** Sends a signal to the server: `SIGKILL` ends it at once, `SIGSTOP` makes it stand still. */
	signal(name: NodeJS.Signals): void {
		if (!this.#over) process.kill(this.#pid, name);
	}

	/** Ends it as a crash does, and waits for its end. What it stored stays. */
	async kill(): Promise<void> {
		this.signal('SIGKILL');
		await this.#ended;
	}

	/** Waits for something that it prints, in what it prints from now on and has printed. */
	async until(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
		return this.#changes.until(
			() => pattern.exec(this.#output) ?? undefined,
			() => this.#over,
			timeoutMs,
			() => new Error(`nats-server never printed ${pattern}:\n${this.#output}`),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#guard?.stdin?.end();
		await this.#ended;
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

/** The name in the server's certificate; clients know it as `localhost` and 127.0.0.1 too, as any certificate of ours. */
const serverIdentity = 'nats-server';

/** One server on a free port. */
export function startNats(options: NatsServerOptions): Promise<NatsServer> {
	return NatsServer.start(options, { name: 'n1', port: 0 });
}

/** Three servers, each with routes to the others, and JetStream over all of them. Their routes are mTLS too. */
export async function startNatsCluster(options: NatsServerOptions): Promise<NatsServers> {
	// Between looking for free ports and taking them another process may take one: then others are tried.
	for (let attempt = 1; ; attempt++) {
		const routes = await freePorts(3);
		const started = await Promise.allSettled(
			routes.map((port, index) =>
				NatsServer.start(options, { name: `n${index + 1}`, port: 0, cluster: { port, routes } }),
			),
		);
		const servers = new NatsServers(started.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
		const failed = started.find((one) => one.status === 'rejected');
		if (failed === undefined) {
			await servers.untilLed();
			return servers;
		}
		await servers[Symbol.asyncDispose]();
		if (attempt === 3) throw failed.reason;
	}
}

/** The servers of {@link startNatsCluster}. */
export class NatsServers implements AsyncDisposable {
	readonly all: readonly NatsServer[];

	constructor(all: readonly NatsServer[]) {
		this.all = all;
	}

	get urls(): string[] {
		return this.all.map(({ url }) => url);
	}

	/** Waits until JetStream has a leader: before that nothing can be made in it. */
	async untilLed(timeoutMs = 60_000): Promise<void> {
		await Promise.any(
			this.all.map((server) => server.until(/JetStream cluster new metadata leader/, timeoutMs)),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all(this.all.map((server) => server[Symbol.asyncDispose]()));
	}
}

function configurationOf(
	{ certsDir, users, more = '' }: NatsServerOptions,
	{ name, port, cluster }: ServerPlace,
	folder: string,
): string {
	const tls = [
		`cert_file: ${quoted(join(certsDir, `${serverIdentity}.crt`))}`,
		`key_file: ${quoted(join(certsDir, `${serverIdentity}.key`))}`,
		`ca_file: ${quoted(join(certsDir, 'ca.crt'))}`,
	];
	const known = users.map((user) => (typeof user === 'string' ? { name: user } : user));
	return [
		`server_name: ${name}`,
		`listen: "127.0.0.1:${port === 0 ? -1 : port}"`,
		`tls { ${[...tls, 'verify_and_map: true', 'timeout: 10'].join('; ')} }`,
		`jetstream { store_dir: ${quoted(join(folder, 'store'))}; max_mem: 256MB; max_file: 8GB }`,
		'authorization {',
		'  users = [',
		...known.map(
			({ name: user, permissions }: NatsUser) =>
				`    { user: ${quoted(user)}${permissions === undefined ? '' : `, permissions: ${permissions}`} }`,
		),
		'  ]',
		'}',
		...(cluster === undefined
			? []
			: [
					'cluster {',
					'  name: orchestra',
					`  listen: "127.0.0.1:${cluster.port}"`,
					`  routes: [${cluster.routes.map((route) => `"nats-route://127.0.0.1:${route}"`).join(', ')}]`,
					`  tls { ${[...tls, 'verify: true', 'timeout: 10'].join('; ')} }`,
					'}',
				]),
		more,
		'',
	].join('\n');
}

function quoted(text: string): string {
	return JSON.stringify(text);
}

/** Ports that nobody has at this moment, all different. */
async function freePorts(count: number): Promise<number[]> {
	const servers = await Promise.all(
		Array.from({ length: count }, async () => {
			const server = createServer().listen(0, '127.0.0.1');
			await once(server, 'listening');
			return server;
		}),
	);
	const ports = servers.map((server) => (server.address() as { port: number }).port);
	await Promise.all(servers.map((server) => once(server.close(), 'close')));
	return ports;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf, { type Method, type Service } from 'protobufjs';
import { connectInProcess } from '../../carrier/memory/memory-connection.ts';
import { createClient } from '../../client/plugin-client.ts';
import { readProto } from '../../grpc/read-proto.ts';
import { type LaunchCertificate, makeLaunchCertificate } from '../../identity/x509/launch-certificate.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { LogEntry } from '../definition/log.ts';
import type { Plugin } from '../definition/plugin.ts';
import { createDispatcher } from '../serving/dispatcher.ts';
import { loneServices } from '../serving/lone-services.ts';
import { CapturedOutput } from './captured-output.ts';
import { chooseVersion, type GoHost, handshakeLine, readGoHost } from './go-plugin-handshake.ts';
import { goPluginServer } from './go-plugin-services.ts';

/** How a plugin of ours is served to a Go host. */
export interface ServeGoPluginOptions {
	/** The cookie of its host, which tells that a host started us. It is no secret. */
	readonly cookie: { readonly key: string; readonly value: string };
	/** The versions of the plugin's own protocol that it has. Default: 1. */
	readonly versions?: readonly number[] | undefined;
	/** The .proto file of the services that the host calls. */
	readonly proto: string;
	/** Folders where imports of that file are looked for besides its own. */
	readonly protoFolders?: readonly string[] | undefined;
	/** Full names of the services that are served: `proto.KV`. */
	readonly services: readonly string[];
	/** The tools of methods that are not called as `KV.Get` is: by `proto.KV/Get`. */
	readonly tools?: Readonly<Record<string, string>> | undefined;
}

/** Milliseconds between two looks whether the host still runs. */
const parentWatchMs = 1_000;

/** Milliseconds that the plugin gets to shut down: a Go host kills it after two seconds. */
const shutdownMs = 1_500;

/**
 * Runs a plugin as a process that a Go host on hashicorp/go-plugin has started: handshake, AutoMTLS, health, output, shutdown. A method of a
 * service is answered by the tool of its name (`KV.Get`), with messages as protobuf has them in JSON; one that answers with a stream by a
 * streaming tool. Resolves when the plugin was shut down; the process then exits by itself.
 *
 * Where the cookie is missing, it says on stderr that this is a plugin, and the process exits with code 1.
 *
 * @throws OrchestraError `invalid_plugin` where the plugin has no tool for a method, or the .proto file no such service;
 * `boot_failed`, `address_in_use`
 */
export async function serveGoPlugin(plugin: Plugin, options: ServeGoPluginOptions): Promise<void> {
	const host = readGoHost(options.cookie);
	if (!host) {
		process.stderr.write(
			`${plugin.id} is a plugin, and is started by its host: it does nothing when it is run by hand.\n`,
		);
		process.exit(1);
	}
	const { services, toolOf } = servicesOf(plugin, options);
	const output = new CapturedOutput();
	let log: (text: string) => void = (text) => void process.stderr.write(text);
	const dispatcher = createDispatcher(
		plugin,
		loneServices(plugin.id, (entry) => log(`${hclogLine(entry)}\n`)),
	);
	await dispatcher.boot({});
	const client = createClient(connectInProcess(dispatcher.handle, { callerName: 'host', plugin: plugin.id }));
	const stop = () => void dispatcher.shutdown(shutdownMs);
	const server = goPluginServer({ services, toolOf, client, output, onShutdown: stop });
	const certificate = host.certificatePem === undefined ? undefined : makeLaunchCertificate();
	const place = await listen(server, host, certificate);
	try {
		const version = chooseVersion(options.versions ?? [1], host);
		process.stdout.write(`${handshakeLine(host, { version, ...place, certificate })}\n`);
		log = output.capture();
		// Ctrl-C is for the host, which stops its plugins.
		process.on('SIGINT', () => {});
		process.once('SIGTERM', stop);
		const watch = watchParent(stop);
		await dispatcher.ended;
		clearInterval(watch);
		output.close();
		await client.close();
		// What was answered last gets out.
		await new Promise<void>((resolve) => {
			server.tryShutdown(() => resolve());
			setTimeout(resolve, 200).unref();
		});
		server.forceShutdown();
	} finally {
		place.remove();
	}
	process.exit(0);
}

function servicesOf(
	plugin: Plugin,
	{ proto, protoFolders, services: names, tools = {} }: ServeGoPluginOptions,
) {
	const root = readProto(proto, protoFolders);
	const toolOf = (service: Service, method: Method) =>
		tools[`${service.fullName.slice(1)}/${method.name}`] ?? `${service.name}.${method.name}`;
	const services = names.map((name) => {
		const found = root.lookup(name.split('.'), [protobuf.Service]);
		if (found instanceof protobuf.Service) return found;
		throw new OrchestraError('invalid_plugin', `${proto} has no service ${name}`);
	});
	for (const service of services) {
		for (const method of service.methodsArray) {
			const name = toolOf(service, method);
			const tool = plugin.tools.get(name);
			const what = `method ${service.fullName.slice(1)}/${method.name}`;
			if (method.requestStream) {
				const text = `plugin ${plugin.id} cannot serve ${what}: the host would send a stream`;
				throw new OrchestraError('invalid_plugin', text);
			}
			if (!tool || tool.streaming !== (method.responseStream ?? false)) {
				const kind = method.responseStream ? 'streaming tool' : 'tool';
				throw new OrchestraError('invalid_plugin', `plugin ${plugin.id} has no ${kind} ${name} for ${what}`);
			}
		}
	}
	return { services, toolOf };
}

async function listen(server: Server, host: GoHost, certificate: LaunchCertificate | undefined) {
	const credentials =
		certificate && host.certificatePem !== undefined
			? ServerCredentials.createSsl(
					Buffer.from(host.certificatePem),
					[
						{
							private_key: Buffer.from(certificate.privateKeyPem),
							cert_chain: Buffer.from(certificate.certificatePem),
						},
					],
					true,
				)
			: ServerCredentials.createInsecure();
	if (process.platform === 'win32') {
		const port = await firstFreePort(server, host, credentials);
		return { network: 'tcp' as const, address: `127.0.0.1:${port}`, remove: () => {} };
	}
	// A folder that only this user may enter: whoever reaches a socket without mutual TLS may call.
	const folder = mkdtempSync(join(host.socketDir ?? tmpdir(), 'plugin'));
	const address = join(folder, 'socket');
	const remove = () => rmSync(folder, { recursive: true, force: true });
	process.once('exit', remove);
	await bind(server, `unix:${address}`, credentials);
	return { network: 'unix' as const, address, remove };
}

async function firstFreePort(server: Server, host: GoHost, credentials: ServerCredentials): Promise<number> {
	const { minPort, maxPort } = host;
	for (let port = minPort; ; port++) {
		try {
			return await bind(server, `127.0.0.1:${port}`, credentials);
		} catch (error) {
			if (port >= maxPort) throw error;
		}
	}
}

function bind(server: Server, target: string, credentials: ServerCredentials): Promise<number> {
	return new Promise((resolve, reject) => {
		server.bindAsync(target, credentials, (error, port) => {
			if (!error) return resolve(port);
			const text = `the plugin cannot listen at ${target}: ${error.message}`;
			reject(new OrchestraError('address_in_use', text, { cause: error }));
		});
	});
}

/** Who started us, as early as can be. */
const parent = process.ppid;

/** Calls back when the process that started us has gone, however it went. */
function watchParent(gone: () => void): ReturnType<typeof setInterval> {
	return setInterval(() => {
		if (process.ppid !== parent) gone();
	}, parentWatchMs);
}

/** A line of the log as hclog has it, which is what a Go host reads: with microseconds, or it takes it for plain text. */
function hclogLine({ level, message, fields = {}, plugin, tool }: LogEntry): string {
	return JSON.stringify({
		...fields,
		'@level': level,
		'@message': message,
		'@module': tool ? `${plugin}.${tool}` : plugin,
		'@timestamp': new Date().toISOString().replace('Z', '000Z'),
	});
}

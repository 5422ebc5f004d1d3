import { X509Certificate } from 'node:crypto';
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
import { chooseProtocolVersion, type GoHost, handshakeLine, readGoHost } from './go-plugin-handshake.ts';
import { goPluginServer } from './go-plugin-services.ts';
import { HostServices } from './host-services.ts';
import { sayToHost, watchHost } from './host-watch.ts';

/** Options of serving a plugin of ours to a Go host. */
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
	/**
	 * Services of the host that tools call (go-plugin's broker): the field of requests by which it gives their number, and the full name.
	 * A method is called as a tool: `ctx.callTool('AddHelper.Sum', { a, b })`. Default: none.
	 */
	readonly callbacks?: readonly { readonly field: string; readonly service: string }[] | undefined;
}

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
	const { root, services, callbacks, toolOf } = servicesOf(plugin, options);
	const output = new CapturedOutput();
	const certificate = host.certificatePem === undefined ? undefined : makeLaunchCertificate();
	const hostServices = new HostServices(callbacks, tlsOf(host, certificate));
	let log: (text: string) => void = (text) => void process.stderr.write(text);
	const lone = loneServices(plugin.id, (entry) => log(`${hclogLine(entry)}\n`));
	const dispatcher = createDispatcher(plugin, {
		...lone,
		callTool: (name, args = {}, how = {}) =>
			hostServices.call(name, args, how) ?? lone.callTool(name, args, how),
	});
	const client = createClient(connectInProcess(dispatcher.handle, { callerName: 'host', plugin: plugin.id }));
	const stop = () => void dispatcher.shutdown(shutdownMs);
	const watch = watchHost(stop);
	let place: Awaited<ReturnType<typeof listen>> | undefined;
	try {
		await dispatcher.boot({});
		const tools = { toolOf, client, host: hostServices };
		const server = goPluginServer({ root, services, output, onShutdown: stop, ...tools });
		place = await listen(server, host, certificate);
		const version = chooseProtocolVersion(options.versions ?? [1], host);
		if (!(await sayToHost(handshakeLine(host, { version, ...place, certificate })))) stop();
		log = output.capture();
		// Ctrl-C is for the host, which stops its plugins.
		process.on('SIGINT', () => {});
		process.once('SIGTERM', stop);
		await dispatcher.ended;
		output.close();
		await client.close();
		// Lets the last answers get out.
		await new Promise<void>((resolve) => {
			server.tryShutdown(() => resolve());
			setTimeout(resolve, 200).unref();
		});
		server.forceShutdown();
	} finally {
		watch.stop();
		hostServices.close();
		place?.remove();
	}
	process.exit(0);
}

/** TLS options of a host's side channels: it shows the certificate that it gave us. */
function tlsOf({ certificatePem }: GoHost, own: LaunchCertificate | undefined) {
	if (certificatePem === undefined || !own) return undefined;
	return { ...own, serverCertificate: new X509Certificate(certificatePem).raw };
}

function servicesOf(
	plugin: Plugin,
	{ proto, protoFolders, services: names, tools = {}, callbacks = [] }: ServeGoPluginOptions,
) {
	const root = readProto(proto, protoFolders);
	const toolOf = (service: Service, method: Method) =>
		tools[`${service.fullName.slice(1)}/${method.name}`] ?? `${service.name}.${method.name}`;
	const find = (name: string) => {
		const found = root.lookup(name.split('.'), [protobuf.Service]);
		if (found instanceof protobuf.Service) return found;
		throw new OrchestraError('invalid_plugin', `${proto} has no service ${name}`);
	};
	const services = names.map(find);
	for (const service of services) {
		for (const method of service.methodsArray) {
			const name = toolOf(service, method);
			const tool = plugin.tools.get(name);
			const what = `method ${service.fullName.slice(1)}/${method.name}`;
			const streaming = (method.requestStream || method.responseStream) ?? false;
			if (!tool || tool.streaming !== streaming) {
				const kind = streaming ? 'streaming tool' : 'tool';
				throw new OrchestraError('invalid_plugin', `plugin ${plugin.id} has no ${kind} ${name} for ${what}`);
			}
		}
	}
	return {
		root,
		services,
		callbacks: callbacks.map(({ field, service }) => ({ field, service: find(service) })),
		toolOf,
	};
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

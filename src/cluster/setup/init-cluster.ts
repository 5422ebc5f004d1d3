import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { isLoopback } from '../../runtime/carrier/address.ts';
import { systemErrorCode } from '../../runtime/identity/directory/certs-directory.ts';
import { exportIdentity } from '../../runtime/identity/directory/load-identity.ts';
import { createPemFile, unlinkIfThere } from '../../runtime/identity/directory/pem-file.ts';
import { ensureIdentity } from '../../runtime/identity/upkeep/ensure-identity.ts';
import { importIdentity } from '../../runtime/identity/upkeep/import-identity.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { serverConfiguration } from './nats-configuration.ts';

/** Settings of what is written. */
export interface InitOptions {
	readonly folder: string;
	/** Names of the nodes, and the host of each. */
	readonly nodes: readonly { readonly node: string; readonly host: string }[];
	/** Address of NATS: `HOST:PORT`. */
	readonly nats: { readonly host: string; readonly port: number };
	/** The port of the first node; where several have one host, the next are those behind it. */
	readonly port: number;
	readonly days: number | undefined;
}

/** Folders that have been written: each is for one machine. */
export interface InitResult {
	readonly folder: string;
	readonly authority: string;
	readonly nats: string;
	readonly nodes: readonly { readonly node: string; readonly folder: string; readonly address: string }[];
}

/** The certificate with which people administer the nodes. */
const operator = 'cli';

/** The folder of the authority, and that of the NATS server, beside those of the nodes. */
const [authorityFolder, natsFolder] = ['authority', 'nats'];

/** The name under which an authority keeps its own certificate. */
const authorityName = 'ca';

/** Writes folders for a NATS server and for each node, with certificates of one new authority. @throws OrchestraError `usage`, `directory_not_empty` */
export async function initCluster({ folder, nodes, nats, port, days }: InitOptions): Promise<InitResult> {
	if (isIP(nats.host) !== 0 && !isLoopback(nats.host)) throw needsName(nats.host);
	// Its clients look for the name of the host in the certificate of the server.
	const server = isLoopback(nats.host) ? natsFolder : nats.host;
	const names = nodes.map(({ node }) => node);
	assertFree(names, [authorityFolder, natsFolder, operator, authorityName, server]);
	await assertEmpty(folder);
	const authority = join(folder, authorityFolder);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const hand = async (name: string, to: string) => {
		await ensureIdentity(authority, name, { days });
		const file = join(folder, `${name}.pem`);
		await createPemFile(file, await exportIdentity(authority, name, { includeKey: true }));
		await importIdentity(to, file);
		await unlinkIfThere(file);
	};
	const ports = new Map<string, number>();
	const placed = nodes.map(({ node, host }) => {
		const own = ports.get(host) ?? port;
		ports.set(host, own + 1);
		return { node, host, port: own, folder: join(folder, node) };
	});
	await mkdir(join(folder, natsFolder), { mode: 0o700 });
	await hand(server, join(folder, natsFolder, 'certs'));
	const permitted = names.map((node) => ({ node, cluster: 'orch', plugins: ['*'], rules: [] }));
	await writeFile(
		join(folder, natsFolder, 'nats.conf'),
		serverConfiguration(permitted, { listen: `${nats.host}:${nats.port}`, certs: 'certs', server }),
	);
	for (const { node, host, port: own, folder: to } of placed) {
		await mkdir(to, { mode: 0o700 });
		await hand(node, join(to, 'certs'));
		await hand(operator, join(to, 'certs'));
		await writeFile(join(to, 'orchestra.yaml'), nodeConfiguration(node, host, own, nats, names));
	}
	return {
		folder,
		authority,
		nats: join(folder, natsFolder, 'nats.conf'),
		nodes: placed.map(({ node, host, port: own, folder: to }) => ({
			node,
			folder: to,
			address: `tcp://${host}:${own}`,
		})),
	};
}

function nodeConfiguration(
	node: string,
	host: string,
	port: number,
	nats: InitOptions['nats'],
	names: readonly string[],
): string {
	const listen = isLoopback(host) ? host : '0.0.0.0';
	return `listen: [tcp://${listen}:${port}]
certs_dir: certs

cluster:
  node: ${node}
  servers: ["tls://${nats.host}:${nats.port}"]
  advertise: [tcp://${host}:${port}]

access:
  nodes: [${names.join(', ')}]

plugins: []
`;
}

function needsName(host: string): OrchestraError {
	return new OrchestraError('usage', `NATS at ${host} needs a host name: its certificate is for one`, {
		hint: 'Write --nats NAME:4222, and let the nodes resolve that name.',
	});
}

/** A node of such a name would get a folder or a key that is another's. */
function assertFree(names: readonly string[], taken: readonly string[]): void {
	const name = names.find((each) => taken.includes(each.toLowerCase()) || taken.includes(each));
	if (name === undefined) return;
	throw new OrchestraError('usage', `a node cannot be named ${name}: that is a name of the cluster's own`, {
		hint: `Give it another name than ${[...new Set(taken)].join(', ')}.`,
	});
}

async function assertEmpty(folder: string): Promise<void> {
	try {
		if ((await readdir(folder)).length === 0) return;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return;
		throw error;
	}
	throw new OrchestraError('directory_not_empty', `${folder} holds something already`, {
		hint: 'Name a folder that is not there yet.',
		details: { path: folder },
	});
}

import { join } from 'node:path';
import { clientFile, goPeer, projectRoot, serverFile } from './paths.mjs';

/**
 * @typedef {object} Peer
 * @property {string} id
 * @property {string} title
 * @property {string[]} groups the names by which --only selects it with others
 * @property {'node' | 'deno' | 'go'} runtime of both sides
 * @property {string[]} client the program and its arguments
 * @property {string[]=} server undefined where the client is all there is, or starts it
 * @property {string[]=} launched what the client starts, where that is no server of its own
 * @property {'fd' | 'tcp' | 'quic'=} carrier
 * @property {boolean=} embedded whether server and client are one process
 * @property {boolean} streams
 * @property {boolean} dials whether a new connection is something else than a new process
 * @property {boolean} launches
 * @property {string[]=} cases by the beginnings of their names; undefined for all that it can
 * @property {string[]=} packages in bench/node_modules that it needs
 */

const server = serverFile('ours.mjs');

/**
 * @param {'tcp' | 'quic'} carrier
 * @param {'node' | 'deno'} runtime
 * @returns {Peer}
 */
function networked(carrier, runtime) {
	return {
		...named(carrier, runtime),
		client: [clientFile('ours.mjs')],
		server: [server],
		carrier,
		streams: true,
		dials: true,
		launches: true,
	};
}

/**
 * On descriptors that its process inherits: the client starts it.
 *
 * @param {'node' | 'deno'} runtime
 * @returns {Peer}
 */
function inherited(runtime) {
	return {
		...named('fd', runtime),
		client: [clientFile('ours.mjs')],
		launched: [server],
		carrier: 'fd',
		streams: true,
		dials: false,
		launches: true,
	};
}

/**
 * @param {string} name
 * @param {'node' | 'deno'} runtime
 */
function named(name, runtime) {
	return runtime === 'node'
		? { id: name, title: name, groups: ['ours'], runtime }
		: { id: `${name}-deno`, title: `${name} (Deno)`, groups: ['ours', 'deno'], runtime };
}

/**
 * @param {'node' | 'deno'} runtime
 * @returns {Peer}
 */
function embedded(runtime) {
	return {
		...named('in-process', runtime),
		client: [clientFile('in-process.mjs')],
		embedded: true,
		streams: true,
		dials: false,
		launches: false,
	};
}

/**
 * The same with a JSON Schema instead of zod's, which is loaded from a hundred files.
 *
 * @type {Peer}
 */
const withJsonSchema = {
	...inherited('node'),
	id: 'fd-json-schema',
	title: 'fd, with a JSON Schema',
	launched: [serverFile('ours-json-schema.mjs')],
	cases: ['spawn'],
};

/** @type {Peer[]} */
const ours = [
	embedded('node'),
	inherited('node'),
	withJsonSchema,
	networked('tcp', 'node'),
	networked('quic', 'node'),
];

/** @type {Peer[]} */
const onDeno = [embedded('deno'), inherited('deno'), networked('tcp', 'deno'), networked('quic', 'deno')];

/** @type {Peer[]} */
const others = [
	{
		id: 'grpc-js',
		title: 'grpc-js, mTLS',
		groups: ['peers'],
		runtime: 'node',
		client: [clientFile('grpc-js.mjs')],
		server: [serverFile('grpc-js.mjs')],
		streams: true,
		dials: true,
		launches: true,
		packages: ['@grpc/grpc-js', '@grpc/proto-loader'],
	},
	{
		id: 'connect',
		title: 'connect-es, gRPC, mTLS',
		groups: ['peers'],
		runtime: 'node',
		client: [clientFile('connect.mjs')],
		server: [serverFile('connect.mjs')],
		streams: true,
		dials: true,
		launches: true,
		packages: ['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-node'],
	},
	{
		id: 'capnweb',
		title: "Cap'n Web, WebSocket, mTLS",
		groups: ['peers'],
		runtime: 'node',
		client: [clientFile('capnweb.mjs')],
		server: [serverFile('capnweb.mjs')],
		streams: false,
		dials: true,
		launches: true,
		packages: ['capnweb', 'ws'],
	},
	{
		id: 'mcp',
		title: 'MCP stdio, SDK v2',
		groups: ['peers'],
		runtime: 'node',
		client: [clientFile('mcp.mjs')],
		launched: [serverFile('mcp.mjs')],
		streams: false,
		dials: false,
		launches: true,
		packages: ['@modelcontextprotocol/client', '@modelcontextprotocol/server'],
	},
	...[
		{ id: 'mcp-low', title: "MCP stdio, SDK v2's low level", launched: [serverFile('mcp-low.mjs')] },
		{
			id: 'mcp-ours',
			title: 'MCP stdio, orchestra serve --mcp',
			launched: [join(projectRoot, 'bin/orchestra.js'), 'serve', serverFile('mcp-plugin.mjs'), '--mcp'],
		},
	].map((peer) => ({
		...peer,
		groups: ['peers', 'mcp-servers'],
		runtime: /** @type {const} */ ('node'),
		client: [clientFile('mcp.mjs')],
		streams: false,
		dials: false,
		launches: true,
		packages: ['@modelcontextprotocol/client', '@modelcontextprotocol/server'],
	})),
	...[
		{ id: 'mcp-http-low', title: "MCP HTTP, SDK v2's low level", server: [serverFile('mcp-http-low.mjs')] },
		{
			id: 'mcp-http-ours',
			title: 'MCP HTTP, orchestra serve --mcp-http',
			server: [serverFile('mcp-http-ours.mjs')],
		},
	].map((peer) => ({
		...peer,
		groups: ['peers', 'mcp-servers'],
		runtime: /** @type {const} */ ('node'),
		client: [clientFile('mcp-http.mjs')],
		streams: false,
		dials: false,
		launches: false,
		packages: ['@modelcontextprotocol/client', '@modelcontextprotocol/server'],
	})),
	{
		id: 'go-sdk',
		title: 'Go SDK, QUIC',
		groups: ['peers'],
		runtime: 'go',
		client: [goPeer, 'client'],
		server: [goPeer, 'server'],
		carrier: 'quic',
		streams: true,
		dials: true,
		launches: true,
	},
	{
		id: 'grpc-go',
		title: 'grpc-go, Struct, mTLS',
		groups: ['peers'],
		runtime: 'go',
		client: [goPeer, 'grpc-client'],
		server: [goPeer, 'grpc-server'],
		streams: true,
		dials: true,
		launches: true,
	},
];

/** What --only takes beside the peers: the start-up times of the executable. */
export const cliRow = 'cli';

/**
 * The peers to measure.
 *
 * @param {import('./options.mjs').Options} options
 * @returns {{ peers: Peer[], cli: boolean }}
 */
export function selectPeers({ only, deno }) {
	const known = [...ours, ...(deno || only.some((name) => /deno/.test(name)) ? onDeno : []), ...others];
	for (const name of only) {
		if (name === cliRow || known.some(({ id, groups }) => id === name || groups.includes(name))) continue;
		throw new Error(
			`--only: there is no ${name}; there are ${[...known.map(({ id }) => id), cliRow].join(', ')}`,
		);
	}
	const wanted = (/** @type {string} */ id, /** @type {string[]} */ groups) =>
		only.length === 0 || only.includes(id) || groups.some((group) => only.includes(group));
	return { peers: known.filter(({ id, groups }) => wanted(id, groups)), cli: wanted(cliRow, ['ours']) };
}

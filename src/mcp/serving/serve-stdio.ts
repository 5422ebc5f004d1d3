import { Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { serverTaker } from '../change-notices.ts';
import type { McpFront } from '../mcp-front.ts';
import { handleSubscriptions } from './subscriptions.ts';

/** Bytes of a message from the client, at most: as much as a message of our own protocol. */
const maxMessageBytes = 16 * 1024 * 1024;

/** MCP over the standard streams of this process. */
export interface StdioServing {
	/** Settles when the client has closed its end. */
	readonly ended: Promise<void>;
	close(): Promise<void>;
}

/**
 * Serves MCP over stdin and stdout. From then on stdout belongs to it alone: whatever else writes there, such as a plugin in this
 * process with console.log, is written to stderr.
 */
export function serveMcpStdio(front: McpFront): StdioServing {
	const write = process.stdout.write.bind(process.stdout);
	const wire = new Writable({
		write: (chunk, _encoding, done) => {
			write(chunk as Buffer, (error) => done(error));
		},
	});
	process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
	const transport = new StdioServerTransport(process.stdin, wire, { maxBufferSize: maxMessageBytes });
	const endings: (() => void)[] = [];
	const handle = serveStdio(
		({ era }): Server => {
			const server = front.server();
			const subscribed = era === 'legacy' ? handleSubscriptions(server) : undefined;
			endings.push(front.notices.add(serverTaker(server, subscribed)));
			return server;
		},
		{ transport, onerror: front.onError },
	);
	const ended = new Promise<void>((resolve) => {
		process.stdin.once('end', resolve);
		process.stdin.once('close', resolve);
		process.stdin.once('error', () => resolve());
		// Nobody reads the answers any more.
		process.stdout.once('error', () => resolve());
	});
	return {
		ended,
		async close() {
			for (const end of endings) end();
			await handle.close();
		},
	};
}

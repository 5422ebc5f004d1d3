import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { onDeno } from '../../runtime/platform/on-deno.ts';
import { serverTaker } from '../change-notices.ts';
import type { McpFront } from '../mcp-front.ts';
import { frontServer } from './front-server.ts';
import type { QuickServer } from './quick-server.ts';
import { StdioWire } from './stdio-wire.ts';
import { handleSubscriptions } from './subscriptions.ts';

/** Bytes of answers that may wait for the client to read them, before calls wait for it too. */
const maxWaitingBytes = 1024 * 1024;

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
	const wire = standardOutput();
	process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
	let server: QuickServer | undefined;
	const transport = new StdioWire(
		process.stdin,
		wire,
		(message, end) => server?.take(message, end) ?? false,
		front.warn,
	);
	const endings: (() => void)[] = [];
	const tasks = front.openTasks();
	const handle = serveStdio(
		({ era }): Server => {
			server = frontServer(front, era, tasks);
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
		// The answers have no reader any more.
		wire.once('error', () => resolve());
	});
	return {
		ended,
		async close() {
			for (const end of endings) end();
			tasks.close();
			await handle.close();
		},
	};
}

/**
 * Stdout, as the wire. A pipe's own stream writes on the spot, and a client that does not read would stop everything here; so it is
 * opened anew, as one that waits. Answers that come while one is written leave together.
 */
function standardOutput(): Writable {
	const output = pipedOutput();
	// Beneath what hears who prints: that looks for the caller each time.
	const write = output
		? output.write.bind(output)
		: (Object.getPrototypeOf(process.stdout) as Writable).write.bind(process.stdout);
	const wire = new Writable({
		highWaterMark: maxWaitingBytes,
		decodeStrings: false,
		write: (text: string, _encoding, done) => {
			write(text, (error) => done(error));
		},
		writev: (texts, done) => {
			write(texts.map(({ chunk }) => chunk as string).join(''), (error) => done(error));
		},
	});
	output?.on('error', (error) => wire.destroy(error));
	return wire;
}

function pipedOutput(): Socket | undefined {
	if (onDeno) return undefined;
	try {
		const stats = fstatSync(1);
		if (!stats.isFIFO() && !stats.isSocket()) return undefined;
		return new Socket({ fd: 1, readable: false, writable: true });
	} catch {
		return undefined;
	}
}

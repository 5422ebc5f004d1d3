import { randomUUID } from 'node:crypto';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { serverTaker } from '../change-notices.ts';
import type { McpFront } from '../mcp-front.ts';
import { frontServer } from './front-server.ts';
import { jsonRefusal } from './refusal.ts';
import { handleSubscriptions } from './subscriptions.ts';

/** Sessions at one time, and milliseconds after which one that nobody uses ends. */
const maxSessions = 256;
const idleMs = 30 * 60_000;

interface Session {
	readonly transport: WebStandardStreamableHTTPServerTransport;
	usedAt: number;
	close(): void;
}

/** The sessions of HTTP clients of the era before 2026, which need one to be asked something, and to hear of changes. */
export class LegacySessions {
	readonly #front: McpFront;
	readonly #maxRequestBodySize: number;
	readonly #sessions = new Map<string, Session>();
	readonly #timer: ReturnType<typeof setInterval>;

	constructor(front: McpFront, maxRequestBodySize: number) {
		this.#front = front;
		this.#maxRequestBodySize = maxRequestBodySize;
		this.#timer = setInterval(() => this.#endIdle(), 60_000);
		this.#timer.unref();
	}

	/** Serves a request of such a client. @param parsedBody its body, where it has been read */
	async handle(request: Request, parsedBody: unknown): Promise<Response> {
		const id = request.headers.get('mcp-session-id');
		const options = parsedBody === undefined ? {} : { parsedBody };
		if (id === null) return (await this.#open()).handleRequest(request, options);
		const session = this.#sessions.get(id);
		if (!session) {
			// The protocol's answer for a session that has ended: the client begins a new one.
			const { body, ...init } = jsonRefusal(404, -32_001, 'Session not found');
			return new Response(body, init);
		}
		session.usedAt = Date.now();
		return session.transport.handleRequest(request, options);
	}

	close(): void {
		clearInterval(this.#timer);
		for (const session of this.#sessions.values()) session.close();
		this.#sessions.clear();
	}

	async #open(): Promise<WebStandardStreamableHTTPServerTransport> {
		const front = this.#front;
		const tasks = front.openTasks();
		const server = frontServer(front, 'legacy', tasks);
		const subscribed = handleSubscriptions(server);
		const transport = new WebStandardStreamableHTTPServerTransport({
			sessionIdGenerator: randomUUID,
			maxRequestBodySize: this.#maxRequestBodySize,
			onsessioninitialized: (id) => {
				this.#makeRoom();
				const end = front.notices.add(serverTaker(server, subscribed));
				const close = () => {
					end();
					tasks.close();
					void server.close().catch(front.onError);
				};
				this.#sessions.set(id, { transport, usedAt: Date.now(), close });
			},
			onsessionclosed: (id) => this.#end(id),
		});
		server.onerror = front.onError;
		await server.connect(transport);
		return transport;
	}

	#end(id: string): void {
		const session = this.#sessions.get(id);
		this.#sessions.delete(id);
		session?.close();
	}

	/** The one that was used least recently gives way. */
	#makeRoom(): void {
		if (this.#sessions.size < maxSessions) return;
		let oldest: [string, Session] | undefined;
		for (const entry of this.#sessions) if (!oldest || entry[1].usedAt < oldest[1].usedAt) oldest = entry;
		if (oldest) this.#end(oldest[0]);
	}

	#endIdle(): void {
		const since = Date.now() - idleMs;
		for (const [id, { usedAt }] of this.#sessions) if (usedAt < since) this.#end(id);
	}
}

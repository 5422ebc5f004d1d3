import type { McpFront, McpFrontOptions, McpHttpOptions } from '../mcp/index.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';

/** Options of what is served to MCP clients, and how. */
export interface McpServingOptions extends McpFrontOptions {
	readonly stdio: boolean;
	readonly http: McpHttpOptions | undefined;
}

/** An orchestrator that MCP clients reach. */
export interface McpServing {
	readonly front: McpFront;
	/** URL for HTTP clients; undefined on stdio. */
	readonly url: string | undefined;
	/** Settles when the client on stdin has gone; undefined where there is none. */
	readonly ended: Promise<void> | undefined;
	close(): Promise<void>;
}

/** Begins to load what speaks MCP, so that the disk is read while plugins start. What goes wrong {@link serveMcp} says. */
export function loadMcpSoon(): void {
	load().catch(() => {});
}

const load = () => import('../mcp/index.ts');

/** Serves an orchestrator to MCP clients. What speaks MCP is loaded for it, and only then. */
export async function serveMcp(
	orchestrator: Orchestrator,
	{ stdio, http, ...options }: McpServingOptions,
): Promise<McpServing> {
	const { McpFront, serveMcpStdio } = await load();
	const front = new McpFront(orchestrator, options);
	try {
		const web = http && (await (await import('../mcp/serving/serve-http.ts')).serveMcpHttp(front, http));
		const piped = stdio ? serveMcpStdio(front) : undefined;
		return {
			front,
			url: web?.url,
			ended: piped?.ended,
			async close() {
				await piped?.close();
				await web?.close();
				await front.close();
			},
		};
	} catch (error) {
		await front.close();
		throw error;
	}
}

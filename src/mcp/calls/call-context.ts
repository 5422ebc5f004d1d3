import type { ServerContext } from '@modelcontextprotocol/server';

type McpRequest = ServerContext['mcpReq'];

/** The part of its request that a call of a tool needs: given by the SDK, or made on the quick way. */
export interface CallContext {
	readonly mcpReq: Pick<McpRequest, 'signal' | 'requestState' | 'notify' | 'log'> & {
		readonly _meta?: McpRequest['_meta'] | undefined;
		readonly envelope?: McpRequest['envelope'] | undefined;
		readonly inputResponses?: McpRequest['inputResponses'] | undefined;
	};
}

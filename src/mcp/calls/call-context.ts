import type { ServerContext } from '@modelcontextprotocol/server';

type McpRequest = ServerContext['mcpReq'];

/** What a call of a tool needs of its request: what the SDK gives along, or what is made on the quick way. */
export interface CallContext {
	readonly mcpReq: Pick<McpRequest, 'signal' | 'requestState' | 'notify' | 'log'> & {
		readonly _meta?: McpRequest['_meta'] | undefined;
		readonly envelope?: McpRequest['envelope'] | undefined;
		readonly inputResponses?: McpRequest['inputResponses'] | undefined;
	};
}

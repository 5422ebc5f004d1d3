import { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import type { McpConnection } from './mcp-connection.ts';

/** Error for whoever called through us, for the failure of a request. */
export async function mcpFailure(
	connection: McpConnection,
	subject: string,
	thrown: unknown,
): Promise<OrchestraError> {
	// A server that answered was alive; anything else may be its end, which says more.
	const answered = thrown instanceof ProtocolError || thrown instanceof ToolError;
	const error = answered ? thrown : await connection.failureOf(thrown);
	if (error instanceof OrchestraError) return asToolError(error);
	if (error instanceof ProtocolError) {
		const invalid = error.code === ProtocolErrorCode.InvalidParams;
		return new ToolError(
			invalid ? 'invalid_arguments' : 'handler_error',
			`${subject} failed: ${error.message}`,
			{
				details: { mcpCode: error.code },
			},
		);
	}
	if (error instanceof SdkError) {
		switch (error.code) {
			case SdkErrorCode.RequestTimeout:
				return new ToolError('deadline_exceeded', `${subject} did not answer in time`, { retryable: true });
			case SdkErrorCode.ConnectionClosed:
			case SdkErrorCode.NotConnected:
			case SdkErrorCode.SendFailed:
				return new ToolError('connection_lost', `the connection to MCP server ${connection.name} is lost`, {
					retryable: true,
				});
			case SdkErrorCode.InvalidResult:
			case SdkErrorCode.UnsupportedResultType:
				return new ToolError('invalid_response', `${subject} answered what does not fit: ${error.message}`);
		}
	}
	return new ToolError('handler_error', `${subject} failed: ${(error as Error).message}`, { cause: error });
}

/** The same, with its code reaching the caller: a handler's other errors become `handler_error`. */
function asToolError(error: OrchestraError): OrchestraError {
	const { code, message, hint, details, retryable } = error;
	return error instanceof ToolError ? error : new ToolError(code, message, { hint, details, retryable });
}

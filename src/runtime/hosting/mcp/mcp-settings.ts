/** The MCP server to host. */
export type McpSettings =
	/** One that is started, and speaks on its stdin and stdout. */
	| {
			readonly command: string;
			readonly args?: readonly string[] | undefined;
			readonly cwd?: string | undefined;
	  }
	/** One that is reached over Streamable HTTP. */
	| { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };

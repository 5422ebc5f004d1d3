/** The answer to a request over HTTP that is not served. */
export interface Refusal {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** A refusal as JSON-RPC has it. */
export function jsonRefusal(status: number, code: number, message: string): Refusal {
	return {
		status,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }),
	};
}

import { createHash, timingSafeEqual } from 'node:crypto';
import {
	hostHeaderValidationResponse,
	localhostAllowedHostnames,
	localhostAllowedOrigins,
	originValidationResponse,
} from '@modelcontextprotocol/server';

/** Rules for requests that reach MCP over HTTP. */
export interface HttpGateOptions {
	/** The host that it listens on, which requests may name besides those of this machine. */
	readonly host: string;
	/** Bearer token that requests have to bring. Default: none, which is for loopback only. */
	readonly token?: string | undefined;
}

/**
 * Judges each request before anything of it is read: a page of a browser that found its way here by a name of its own (DNS rebinding)
 * has the wrong Host or Origin; a client without the token is nobody. Resolves with the refusal; undefined lets it pass.
 */
export function httpGate({ host, token }: HttpGateOptions): (request: Request) => Response | undefined {
	const name = host.includes(':') ? `[${host}]` : host;
	const hosts = [...localhostAllowedHostnames(), name];
	const origins = [...localhostAllowedOrigins(), name];
	const expected = token === undefined ? undefined : digest(token);
	return (request) => {
		// Whoever has the token may come by whatever name: a proxy, a machine of another name.
		if (expected) {
			const [, given = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? [];
			if (!timingSafeEqual(digest(given), expected)) return unauthorized();
			return undefined;
		}
		return hostHeaderValidationResponse(request, hosts) ?? originValidationResponse(request, origins);
	};
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

function unauthorized(): Response {
	return new Response(
		JSON.stringify({ error: 'invalid_token', error_description: 'A bearer token is needed.' }),
		{
			status: 401,
			headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer error="invalid_token"' },
		},
	);
}

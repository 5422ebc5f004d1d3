import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
	localhostAllowedHostnames,
	localhostAllowedOrigins,
	validateHostHeader,
	validateOriginHeader,
} from '@modelcontextprotocol/server';
import { jsonRefusal, type Refusal } from './refusal.ts';

/** Rules for requests that reach MCP over HTTP. */
export interface HttpGateOptions {
	/** The host that it listens on, which requests may name besides those of this machine. */
	readonly host: string;
	/** Bearer token that requests have to bring. Default: none, which is for loopback only. */
	readonly token?: string | undefined;
}

/**
 * Judges each request before anything of it is read: a page of a browser that found its way here by a name of its own (DNS rebinding)
 * has the wrong Host or Origin; a client without the token is nobody. Gives the refusal; undefined lets it pass.
 */
export function httpGate({
	host,
	token,
}: HttpGateOptions): (headers: IncomingHttpHeaders) => Refusal | undefined {
	const name = host.includes(':') ? `[${host}]` : host;
	const hosts = [...localhostAllowedHostnames(), name];
	const origins = [...localhostAllowedOrigins(), name];
	const expected = token === undefined ? undefined : digest(token);
	return (headers) => {
		// Whoever has the token may come by whatever name: a proxy, a machine of another name.
		if (expected) {
			const [, given = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
			if (!timingSafeEqual(digest(given), expected)) return unauthorized;
			return undefined;
		}
		for (const judged of [
			validateHostHeader(headers.host, hosts),
			validateOriginHeader(headers.origin, origins),
		]) {
			if (!judged.ok) return jsonRefusal(403, -32_000, judged.message);
		}
		return undefined;
	};
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

const unauthorized: Refusal = {
	status: 401,
	headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer error="invalid_token"' },
	body: JSON.stringify({ error: 'invalid_token', error_description: 'A bearer token is needed.' }),
};

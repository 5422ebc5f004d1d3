import {
	CLIENT_CAPABILITIES_META_KEY,
	CLIENT_INFO_META_KEY,
	PROTOCOL_VERSION_META_KEY,
	type ServerContext,
} from '@modelcontextprotocol/server';

type Envelope = NonNullable<ServerContext['mcpReq']['envelope']>;

/** What the keys of the protocol itself begin with. */
const reserved = 'io.modelcontextprotocol/';

const envelopeKeys = [PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY];

/**
 * What a client says of itself with each request, from 2026-07-28 on. It is the same each time: what the SDK has found right once needs
 * no second look.
 */
export class KnownEnvelope {
	/** Undefined for clients of before, which send none. */
	#envelope: Envelope | undefined;
	#text = '';

	/** Keeps the one of a request that the SDK has let pass. */
	learn(envelope: Envelope | undefined): void {
		this.#envelope = envelope;
		this.#text = envelope === undefined ? '' : textOf(envelope as Record<string, unknown>);
	}

	/** The envelope of a request with this `_meta`; `unknown` where the SDK has to look at it. */
	find(meta: Readonly<Record<string, unknown>> | undefined): Envelope | undefined | 'unknown' {
		let keys = 0;
		for (const key in meta) {
			if (!key.startsWith(reserved)) continue;
			// Such as the level from which the client hears of logs.
			if (!envelopeKeys.includes(key)) return 'unknown';
			keys++;
		}
		if (keys === 0) return this.#envelope === undefined ? undefined : 'unknown';
		if (this.#envelope === undefined || !meta) return 'unknown';
		return textOf(meta) === this.#text ? this.#envelope : 'unknown';
	}
}

function textOf(meta: Readonly<Record<string, unknown>>): string {
	return JSON.stringify(envelopeKeys.map((key) => meta[key]));
}

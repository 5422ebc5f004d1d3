import {
	CLIENT_CAPABILITIES_META_KEY,
	CLIENT_INFO_META_KEY,
	PROTOCOL_VERSION_META_KEY,
	type Result,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { forgetOldest } from '../../runtime/platform/forget-oldest.ts';

type Envelope = ServerContext['mcpReq']['envelope'];

/** Prefix of the keys of the protocol itself. */
const reserved = 'io.modelcontextprotocol/';

const envelopeKeys = [PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY];

/** Clients that are known at one time, and characters that one may say of itself. */
const maxKnown = 64;
const maxCharacters = 8192;

/**
 * What the SDK has settled about its clients when it served their first calls: how results are written, and that what a client says of
 * itself with each request, from 2026-07-28 on, is right. That is the same each time, and needs no second look.
 */
export class SettledEra {
	/** By their texts, the oldest first; the empty one is of clients of before, which say nothing with a request. */
	readonly #known = new Map<string, Envelope>();
	#encode: ((result: Result) => unknown) | undefined;

	/** Keeps what came with a call that the SDK has let pass, and how its result is written. */
	learn(envelope: Envelope, encode: (result: Result) => unknown): void {
		this.#encode = encode;
		const text = envelope === undefined ? '' : textOf(envelope as Record<string, unknown>);
		if (this.#known.has(text) || text.length > maxCharacters) return;
		this.#known.set(text, envelope);
		forgetOldest(this.#known, maxKnown);
	}

	/** Description that a client gave with a request with this `_meta`; `unknown` where the SDK has to look at it. */
	find(meta: Readonly<Record<string, unknown>> | undefined): Envelope | 'unknown' {
		let text = '';
		for (const key in meta) {
			if (!key.startsWith(reserved)) continue;
			// Such as the level from which the client hears of logs.
			if (!envelopeKeys.includes(key)) return 'unknown';
			text ||= textOf(meta);
		}
		return this.#known.has(text) ? this.#known.get(text) : 'unknown';
	}

	/** A result as clients are sent it. */
	encode(result: Result): unknown {
		return this.#encode?.(result) ?? result;
	}
}

function textOf(meta: Readonly<Record<string, unknown>>): string {
	return JSON.stringify(envelopeKeys.map((key) => meta[key]));
}

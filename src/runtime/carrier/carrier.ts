import type { Identity } from '../identity/identity.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import type { Address, NetworkCarrier } from './address.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from './outgoing-exchange.ts';
import type { Peer } from './peer.ts';
import type { RequestMemory } from './request-memory.ts';

/**
 * Serves one exchange. It must end it exactly once with {@link IncomingExchange.finish}, and must not throw.
 */
export type ExchangeHandler = (exchange: IncomingExchange) => void;

/**
 * Limits after which a client takes its peer for gone that has vanished without a word: a host that lost its power, a process that is frozen, a path
 * that is cut. The peer learns the same two numbers, and takes a client for gone that was silent for their sum.
 *
 * A peer whose event loop stands still for that long counts as gone, too. `tcp+plain` has no connection to keep alive: there
 * only the deadline of an exchange ends it.
 */
export interface KeepAlive {
	/**
	 * Milliseconds of silence after which the peer is asked for a sign of life. From then on new exchanges wait for that sign, so that
	 * they fail as `retryable` where it never comes. Default {@link defaultKeepAlive}; `Infinity` never asks.
	 */
	readonly idleMs?: number | undefined;
	/** Milliseconds that the sign may take; then the connection counts as lost. Default {@link defaultKeepAlive}. */
	readonly answerMs?: number | undefined;
}

/** 15 s of silence, and 10 s for the answer. */
export const defaultKeepAlive = { idleMs: 15_000, answerMs: 10_000 } as const;

/** Options of a dial. */
export interface DialOptions {
	/**
	 * One that stays, or a source, which the connection follows: where it is replaced, the replacement is made with what is current
	 * then, and it closes when the peer is revoked. A source stays its owner's to close.
	 */
	readonly identity: Identity | IdentitySource;
	/** The name that the peer's certificate must carry. Without it any peer of the same CA will do. */
	readonly expectPeer?: string | undefined;
	/** Milliseconds for the whole of connect and handshake. Default {@link defaultDialTimeoutMs}. */
	readonly timeoutMs?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly keepAlive?: KeepAlive | undefined;
	/**
	 * Called where a connection cannot be replaced, as long-lived QUIC connections are from time to time: the one that stands goes on.
	 * Must not throw. Default: nobody is told.
	 */
	readonly onProblem?: ((error: OrchestraError) => void) | undefined;
}

/** Options of a listener. */
export interface ListenOptions {
	readonly identity: Identity;
	readonly handler: ExchangeHandler;
	/** Asked once a connection, after the certificate was verified; false refuses it. Default: every peer of the CA. */
	readonly authorize?: ((peer: Peer) => boolean) | undefined;
	/** Called with the reason why a peer whose certificate was verified is refused, or sent away because it was revoked. Must not throw. */
	readonly onRefused?: ((peer: Peer, reason: OrchestraError) => void) | undefined;
	/** Called when a connection has ended, with the same object that its exchanges had as their peer. Must not throw. */
	readonly onGone?: ((peer: Peer) => void) | undefined;
	/**
	 * Memory that its clients may use: for requests under way, incomplete messages, answers that wait. Default: one for all listeners of the
	 * process, {@link processMemory}.
	 */
	readonly memory?: RequestMemory | undefined;
}

/** Milliseconds that connect and handshake may take. */
export const defaultDialTimeoutMs = 10_000;

/** Durations of opening a connection, in milliseconds. */
export interface ConnectionSetup {
	/** Time from the start of the dial, with what it had to load and resolve, until the transport stood; on QUIC until the peer answered. */
	readonly connectMs: number;
	/** Time from then until both ends had taken the other's certificate. Absent on `tcp+plain`. */
	readonly tlsMs?: number;
}

/**
 * One client's side of a connection. Exchanges are opened on this side only.
 *
 * An open connection keeps the process alive until it is closed or lost, as a socket does; its timers do not.
 */
export interface Connection extends AsyncDisposable {
	readonly peer: Peer;
	/** Absent in process. */
	readonly setup?: ConnectionSetup | undefined;
	/** Settles when the connection has ended, with the reason where it was not {@link close}; never rejects. */
	readonly closed: Promise<Error | undefined>;
	/** False once the connection can open no more exchanges. */
	readonly open: boolean;
	/**
	 * Opens an exchange. It never throws: everything that can go wrong reaches `sink.fail`, exactly once and never
	 * before this returns. `request.requestId` is chosen by the connection where it is absent.
	 */
	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange;
	/**
	 * Ends the exchanges under way with `reason` (default: `connection_closed`) and frees everything. Safe to call twice.
	 * A reason is for those who know that the peer is gone, before the carrier can (a process that exited, over QUIC).
	 */
	close(reason?: OrchestraError): Promise<void>;
}

/** The serving side. */
export interface Listener extends AsyncDisposable {
	/** Address at which it listens: the real port, and the literal of a host that was given by name. */
	readonly address: Address;
	/** Connections that are open now. */
	readonly connectionCount: number;
	/**
	 * Takes no new connection, lets the exchanges under way end for `graceMs` (default 0), cancels the rest, closes the
	 * connections and frees the port. Safe to call twice.
	 */
	close(options?: { graceMs?: number }): Promise<void>;
	/**
	 * Uses another certificate, or other roots, for the connections to come. Those that stand are left alone, except those of peers
	 * that the new identity counts as revoked: they are told so and closed.
	 */
	setIdentity(identity: Identity): void;
}

/** A way to carry exchanges between two processes. */
export interface Carrier {
	readonly name: NetworkCarrier;
	/**
	 * @throws OrchestraError `unreachable`, `handshake_failed`, `identity_mismatch`, `deadline_exceeded`, `carrier_unavailable`; about
	 * the peer's certificate `peer_untrusted`, `peer_expired`, `peer_not_yet_valid`; about ours `peer_rejected`,
	 * `certificate_revoked`
	 */
	dial(address: Address, options: DialOptions): Promise<Connection>;
	/** @throws OrchestraError `address_in_use`, `unreachable` (an address not of this machine), `carrier_unavailable` */
	listen(address: Address, options: ListenOptions): Promise<Listener>;
}

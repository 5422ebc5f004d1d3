import type { DebugLog } from '../debug/debug-log.ts';
import { debugLog } from '../debug/debug-log.ts';
import { describeRequest } from '../wire/describe-request.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { formatAddress } from './address.ts';
import type { Carrier, Connection, ExchangeHandler } from './carrier.ts';
import type { ResponseSink } from './outgoing-exchange.ts';
import type { Peer } from './peer.ts';

const dialLog = debugLog('dial');
const handshakeLog = debugLog('handshake');
const exchangeLog = debugLog('exchange');

/** The carrier itself, or one that shows what it does where `ORCHESTRA_LOG` asks for dials, handshakes or exchanges. */
export function loggedCarrier(carrier: Carrier): Carrier {
	if (!dialLog && !handshakeLog && !exchangeLog) return carrier;
	return {
		name: carrier.name,
		dial: async (address, options) => {
			const url = formatAddress(address);
			const startedAt = performance.now();
			dialLog?.(`${url}${options.expectPeer ? `, expecting ${JSON.stringify(options.expectPeer)}` : ''}`);
			try {
				const connection = await carrier.dial(address, options);
				const { connectMs = 0, tlsMs = 0 } = connection.setup ?? {};
				handshakeLog?.(`${url} is ${nameOf(connection.peer)}, ${took(connectMs)} and ${took(tlsMs)} for TLS`);
				void connection.closed.then((reason) => {
					dialLog?.(`${url} closed${reason ? `: ${reason.message}` : ''}`);
				});
				return loggedConnection(connection);
			} catch (error) {
				const { code, message } = OrchestraError.from(error, 'internal');
				dialLog?.(`${url} failed after ${took(performance.now() - startedAt)}: ${code}: ${message}`);
				throw error;
			}
		},
		listen: async (address, options) => {
			const listener = await carrier.listen(address, {
				...options,
				handler: loggedHandler(options.handler),
				authorize: (peer) => {
					const taken = options.authorize?.(peer) ?? true;
					handshakeLog?.(`${nameOf(peer)} from ${peer.address}${taken ? '' : ' is not let in'}`);
					return taken;
				},
				onRefused: (peer, reason) => {
					handshakeLog?.(`${nameOf(peer)} from ${peer.address} refused: ${reason.code}: ${reason.message}`);
					options.onRefused?.(peer, reason);
				},
				onGone: (peer) => {
					handshakeLog?.(`${nameOf(peer)} from ${peer.address} has gone`);
					options.onGone?.(peer);
				},
			});
			dialLog?.(`listening on ${formatAddress(listener.address)}`);
			return listener;
		},
	};
}

/** The connection itself, which shows its exchanges from now on where `ORCHESTRA_LOG` asks for them. */
export function loggedConnection(connection: Connection): Connection {
	if (!exchangeLog) return connection;
	const log = exchangeLog;
	const exchange = connection.exchange.bind(connection);
	connection.exchange = (request, sink, options) => {
		const opened = exchange(
			request,
			loggedSink(log, sink, () => about),
			options,
		);
		const about = `${nameOf(connection.peer)} ${describeRequest(request)} #${opened.requestId}`;
		log(`-> ${about}`);
		return opened;
	};
	return connection;
}

/** The handler itself, or one that shows the exchanges that it serves where `ORCHESTRA_LOG` asks for them. */
export function loggedHandler(handler: ExchangeHandler): ExchangeHandler {
	if (!exchangeLog) return handler;
	const log = exchangeLog;
	return (exchange) => {
		const { request, peer } = exchange;
		const about = `${nameOf(peer)} ${describeRequest(request)} #${request.requestId ?? ''}`;
		const startedAt = performance.now();
		log(`<- ${about}`);
		exchange.onEnd((response) => {
			const end = exchange.cancelled?.code ?? response.error?.code ?? 'answered';
			log(`<- ${about} ${end} after ${took(performance.now() - startedAt)}${chunks(exchange.chunks)}`);
		});
		handler(exchange);
	};
}

function loggedSink(log: DebugLog, sink: ResponseSink, about: () => string): ResponseSink {
	const startedAt = performance.now();
	let received = 0;
	const end = (how: string) =>
		log(`-> ${about()} ${how} after ${took(performance.now() - startedAt)}${chunks(received)}`);
	return {
		next: (response) => {
			if (response.streamChunk) received++;
			sink.next(response);
		},
		done: (response) => {
			end(response.error?.code ?? 'answered');
			sink.done(response);
		},
		fail: (error) => {
			end(error.code);
			sink.fail(error);
		},
		granted: (bytes) => sink.granted?.(bytes),
	};
}

function nameOf({ name, carrier }: Peer): string {
	return `${JSON.stringify(name)} (${carrier})`;
}

function chunks(count: number): string {
	return count > 0 ? `, ${count} chunk${count === 1 ? '' : 's'}` : '';
}

function took(ms: number): string {
	return `${ms.toFixed(1)} ms`;
}

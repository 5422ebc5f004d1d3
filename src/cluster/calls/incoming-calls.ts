import { errorResponse } from '../../runtime/carrier/error-response.ts';
import {
	FramedIncomingExchange,
	type IncomingOwner,
} from '../../runtime/carrier/framed/framed-incoming-exchange.ts';
import { type IncomingExchange, maxIncomingExchanges } from '../../runtime/carrier/incoming-exchange.ts';
import type { Peer } from '../../runtime/carrier/peer.ts';
import { decodeRequest, encodeResponseFrame } from '../../runtime/wire/frame.ts';
import type { PluginRequest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { RecentIds } from '../events/recent-ids.ts';
import type { Heard, NatsLink } from '../nats/nats-link.ts';
import type { Subjects } from '../nats/subjects.ts';
import { callFacts, lastsLong } from './call-facts.ts';
import { MessageOrder, MessageSender } from './exchange-messages.ts';

/** Milliseconds after which a caller that has no answer yet is told who has taken up its call. */
const takenUpMs = 25;

/** Ids of exchanges that have begun here are remembered up to so many: some ten seconds of calls, and 10 MB. */
const rememberedIds = 100_000;

/** Exchanges of other nodes that came through NATS. */
export class IncomingCalls {
	readonly #link: NatsLink;
	readonly #subjects: Subjects;
	readonly #node: string;
	readonly #serve: (exchange: IncomingExchange) => void;
	/** By where their callers hear us. */
	readonly #underWay = new Map<string, ServedExchange>();
	/** Ids of exchanges that have begun here: a message that comes twice is served once. */
	readonly #begun = new RecentIds(rememberedIds);
	/** By node. */
	readonly #counts = new Map<string, number>();

	/** @param serve serves an exchange whose peer is the node that published it */
	constructor(link: NatsLink, subjects: Subjects, node: string, serve: (exchange: IncomingExchange) => void) {
		this.#link = link;
		this.#subjects = subjects;
		this.#node = node;
		this.#serve = serve;
		link.onDown((reason) => {
			const lost = new OrchestraError('connection_lost', 'the connection to NATS ended', { cause: reason });
			for (const exchange of [...this.#underWay.values()]) exchange.cancel(lost);
		});
	}

	/** Exchanges that have not ended. */
	get size(): number {
		return this.#underWay.size;
	}

	/** Ends the calls of a node that is gone. */
	lost(node: string): void {
		const reason = new OrchestraError('connection_lost', `node ${node} is gone`);
		for (const exchange of [...this.#underWay.values()]) if (exchange.from === node) exchange.cancel(reason);
	}

	/** Takes a further message of a caller. */
	heard(id: string, message: Heard): void {
		this.#underWay.get(id)?.take(message);
	}

	/** Takes the first message of an exchange. */
	begin(message: Heard): void {
		const call = this.#subjects.readCall(message.subject);
		const { reply } = message;
		const id = reply?.slice(reply.lastIndexOf('.') + 1);
		if (!call || !reply || !id || reply !== this.#subjects.stream(call.from, id)) return;
		// Nothing is answered either: its caller would take that for the answer of the first.
		if (this.#underWay.has(id) || !this.#begun.isNew(id)) return;
		const peer: Peer = { name: call.from, carrier: 'nats', address: '' };
		let request: PluginRequest;
		try {
			request = decodeRequest(message.data);
		} catch (error) {
			this.#refuse(reply, id, {}, OrchestraError.from(error, 'malformed_message'));
			return;
		}
		const facts = callFacts(request);
		const { plugin = '' } = request.cluster ?? {};
		if (facts.kind !== call.kind || facts.name !== call.name || plugin !== call.plugin) {
			const text = `node ${call.from} has sent a call of ${facts.kind} ${facts.name} as one of ${call.kind} ${call.name}`;
			this.#refuse(reply, id, request, new OrchestraError('cluster_refused', text));
			return;
		}
		const count = this.#counts.get(call.from) ?? 0;
		if (count >= maxIncomingExchanges) {
			const text = `node ${this.#node} serves ${count} calls of node ${call.from} through NATS already`;
			this.#refuse(reply, id, request, new OrchestraError('overloaded', text, { retryable: true }));
			return;
		}
		this.#counts.set(call.from, count + 1);
		const exchange = new ServedExchange({
			link: this.#link,
			peer,
			request,
			reply,
			own: this.#subjects.stream(this.#node, id),
			node: this.#node,
			first: message,
			forget: () => {
				this.#underWay.delete(id);
				const left = (this.#counts.get(call.from) ?? 1) - 1;
				if (left > 0) this.#counts.set(call.from, left);
				else this.#counts.delete(call.from);
			},
		});
		this.#underWay.set(id, exchange);
		this.#serve(exchange.incoming);
		exchange.served();
	}

	#refuse(reply: string, id: string, request: PluginRequest, error: OrchestraError): void {
		const sender = new MessageSender(this.#link, this.#subjects.stream(this.#node, id));
		try {
			sender.send(
				reply,
				encodeResponseFrame({ ...errorResponse(request, error), requestId: id }),
				this.#node,
			);
		} catch {
			// Whoever asked hears of the loss by itself.
		}
	}
}

interface ServedOptions {
	readonly link: NatsLink;
	readonly peer: Peer;
	readonly request: PluginRequest;
	readonly reply: string;
	readonly own: string;
	readonly node: string;
	readonly first: Heard;
	readonly forget: () => void;
}

/** The serving side of an exchange through NATS. */
class ServedExchange implements IncomingOwner {
	readonly full = false;
	readonly peer: Peer;
	readonly incoming: FramedIncomingExchange;
	readonly #options: ServedOptions;
	readonly #sender: MessageSender;
	readonly #order = new MessageOrder();
	#hasAnswered = false;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(options: ServedOptions) {
		this.#options = options;
		this.peer = options.peer;
		this.#sender = new MessageSender(options.link, options.own);
		this.#order.fault(options.first, options.peer.name);
		this.incoming = new FramedIncomingExchange(options.request, this);
	}

	get from(): string {
		return this.peer.name;
	}

	/** Says who has taken it up, where its caller may need to know before there is an answer. */
	served(): void {
		if (this.#hasAnswered || this.incoming.finished) return;
		if (lastsLong(this.#options.request)) this.#takeUp();
		else {
			this.#timer = setTimeout(() => this.#takeUp(), takenUpMs);
			this.#timer.unref();
		}
	}

	cancel(reason: OrchestraError): void {
		this.incoming.cancel(reason);
	}

	take(message: Heard): void {
		const fault = this.#order.fault(message, `node ${this.from}`);
		if (fault) {
			this.incoming.cancel(fault);
			return;
		}
		let request: PluginRequest;
		try {
			request = decodeRequest(message.data);
		} catch (error) {
			this.incoming.refuse(OrchestraError.from(error, 'malformed_message'));
			return;
		}
		if (request.streamCancel) this.incoming.cancel(new OrchestraError('cancelled', 'the caller cancelled'));
		else if (request.streamCredit) this.incoming.credit(request.streamCredit.bytes ?? 0);
		else if (request.streamInput) this.incoming.takeInput(request.streamInput);
	}

	send(frame: Uint8Array): void {
		try {
			this.#send(frame);
		} catch (error) {
			const told = OrchestraError.from(error, 'cluster_unavailable');
			// Without a connection nobody can be told: both sides hear of that.
			if (told.code !== 'message_too_large') return;
			const { requestId } = this.incoming;
			if (!this.incoming.finished) this.incoming.refuse(told);
			else this.#send(encodeResponseFrame({ ...errorResponse(this.incoming.request, told), requestId }));
		}
	}

	forget(): void {
		clearTimeout(this.#timer);
		this.#options.forget();
	}

	#takeUp(): void {
		if (this.#hasAnswered || this.incoming.finished) return;
		try {
			this.#send(noFrame);
		} catch {
			// The asker hears of the loss by itself, as above.
		}
	}

	#send(frame: Uint8Array): void {
		const { reply, node } = this.#options;
		this.#sender.send(reply, frame, this.#hasAnswered ? undefined : node);
		this.#hasAnswered = true;
	}
}

/** A message without any: only its headers say something. */
const noFrame = new Uint8Array(4);

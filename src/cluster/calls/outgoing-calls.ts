import { randomUUID } from 'node:crypto';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import {
	FramedOutgoingExchange,
	type OutgoingOwner,
} from '../../runtime/carrier/framed/framed-outgoing-exchange.ts';
import { maxIncomingExchanges } from '../../runtime/carrier/incoming-exchange.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../../runtime/carrier/outgoing-exchange.ts';
import type { Peer } from '../../runtime/carrier/peer.ts';
import { decodeResponse } from '../../runtime/wire/frame.ts';
import type { PluginRequest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Heard, NatsLink } from '../nats/nats-link.ts';
import { majorOf, type Subjects } from '../nats/subjects.ts';
import { OwnTimers } from '../own-timers.ts';
import { callFacts } from './call-facts.ts';
import { MessageOrder, MessageSender, nodeHeader } from './exchange-messages.ts';

/** Target of a call through NATS. */
export interface CallTarget {
	/** Empty: the orchestrator of the node. */
	readonly plugin: string;
	readonly version: string;
	/** The node that has to serve it; undefined for any that has the plugin. */
	readonly node: string | undefined;
	/** Reason why that node was not reached directly before. Default: it was not tried. */
	readonly unreached?: OrchestraError | undefined;
}

/** The status with which the server says that nobody hears a subject. */
const noResponders = 503;

/** Exchanges that begin here and go through NATS. */
export class OutgoingCalls {
	readonly #link: NatsLink;
	readonly #subjects: Subjects;
	readonly #node: string;
	readonly #underWay = new Map<string, NatsExchange>();
	readonly #timers = new OwnTimers();

	constructor(link: NatsLink, subjects: Subjects, node: string) {
		this.#link = link;
		this.#subjects = subjects;
		this.#node = node;
		link.onDown((reason) => {
			for (const exchange of [...this.#underWay.values()]) {
				exchange.end(
					new OrchestraError(
						'connection_lost',
						`the connection to NATS ended before ${exchange.who} had answered`,
						{
							hint: 'Whether the call was done is not known.',
							cause: reason,
						},
					),
				);
			}
		});
		link.onDenied((subject, error) => {
			for (const exchange of [...this.#underWay.values()])
				if (exchange.subject === subject) exchange.denied(error);
		});
	}

	/** Takes a message of the other side of an exchange. */
	heard(id: string, message: Heard): void {
		this.#underWay.get(id)?.take(message);
	}

	/** Whether an exchange of that id began here. */
	has(id: string): boolean {
		return this.#underWay.has(id);
	}

	/** Ends the calls that a node has not answered: it is gone. So do those of which no node has said that it has them. */
	lost(node: string, error: OrchestraError): void {
		for (const exchange of [...this.#underWay.values()]) {
			if (exchange.servedBy === node) exchange.end(error);
			else if (exchange.servedBy === undefined) exchange.endUntaken(error);
		}
	}

	/** Ends what waits for a time. */
	close(): void {
		this.#timers.close();
	}

	/** A connection whose exchanges go through NATS. It is open for as long as nobody closes it. */
	connection(target: CallTarget): Connection {
		return new NatsConnection(target, (request, sink, options) =>
			this.#exchange(target, request, sink, options),
		);
	}

	#exchange(
		target: CallTarget,
		request: PluginRequest,
		sink: ResponseSink,
		options: OpenOptions | undefined,
	): OutgoingExchange {
		const id = randomUUID();
		const { plugin, version, node } = target;
		const call = { plugin, major: majorOf(version), ...callFacts(request), from: this.#node };
		const exchange = new NatsExchange({
			id,
			link: this.#link,
			timers: this.#timers,
			subject: node === undefined ? this.#subjects.call(call) : this.#subjects.node(node, call),
			own: this.#subjects.stream(this.#node, id),
			// A node that is named hears the rest of the exchange under its id; of others the first answer says where.
			beyond: node === undefined ? undefined : this.#subjects.stream(node, id),
			target,
			sink,
			options,
			forget: () => this.#underWay.delete(id),
		});
		if (!this.#link.up) exchange.endSoon(this.#link.unavailable);
		else if (this.#underWay.size >= maxIncomingExchanges) {
			exchange.endSoon(
				new OrchestraError(
					'overloaded',
					`${maxIncomingExchanges} calls of this node go through NATS already`,
					{
						retryable: true,
					},
				),
			);
		} else {
			this.#underWay.set(id, exchange);
			exchange.begin({ ...request, requestId: undefined as never });
		}
		return exchange.outgoing;
	}
}

interface NatsExchangeOptions {
	readonly id: string;
	readonly link: NatsLink;
	readonly timers: OwnTimers;
	readonly subject: string;
	readonly own: string;
	readonly beyond: string | undefined;
	readonly target: CallTarget;
	readonly sink: ResponseSink;
	readonly options: OpenOptions | undefined;
	readonly forget: () => void;
}

/** The caller's side of an exchange through NATS. */
class NatsExchange implements OutgoingOwner {
	readonly full = false;
	readonly subject: string;
	readonly outgoing: FramedOutgoingExchange;
	servedBy: string | undefined;
	readonly #options: NatsExchangeOptions;
	readonly #sender: MessageSender;
	readonly #order = new MessageOrder();
	readonly #begunAt = performance.now();
	#beyond: string | undefined;
	/** Frames that cannot be sent yet: nobody knows where to. */
	readonly #waiting: Uint8Array[] = [];
	#sent = 0;

	constructor(options: NatsExchangeOptions) {
		this.#options = options;
		this.subject = options.subject;
		this.servedBy = options.target.node;
		this.#beyond = options.beyond;
		this.#sender = new MessageSender(options.link, options.own);
		this.outgoing = new FramedOutgoingExchange(this, options.id, options.sink, options.options);
	}

	/** The one that serves it, for messages. */
	get who(): string {
		const { plugin } = this.#options.target;
		const node = this.servedBy === undefined ? 'a node' : `node ${this.servedBy}`;
		return plugin === '' ? node : `plugin ${plugin} at ${node}`;
	}

	begin(request: PluginRequest): void {
		if (!this.outgoing.begin(request, false)) this.#options.forget();
	}

	endSoon(error: OrchestraError): void {
		queueMicrotask(() => this.end(error));
	}

	end(error: OrchestraError): void {
		this.outgoing.fail(error);
	}

	/** Ends it because the server refused it; that its node was not reached directly before is said too. */
	denied(refusal: OrchestraError): void {
		const { node, unreached } = this.#options.target;
		if (!unreached) {
			this.end(refusal);
			return;
		}
		const { message, hint, details } = refusal;
		this.end(
			new OrchestraError(
				'cluster_refused',
				`node ${node} is not reached directly (${unreached.message}), and ${message}`,
				{
					hint: `See whether node ${node} runs: orchestra ps --cluster. ${hint ?? ''}`.trimEnd(),
					details,
					cause: unreached,
				},
			),
		);
	}

	/** Ends it where nobody says in time that it has taken it: who is there says so within milliseconds. */
	endUntaken(error: OrchestraError): void {
		const leftMs = Math.max(0, this.#begunAt + untakenMs - performance.now());
		this.#options.timers.after(leftMs, () => {
			if (this.servedBy === undefined) this.end(error);
		});
	}

	take(message: Heard): void {
		if (message.status === noResponders) {
			this.end(nobodyThere(this.#options.target));
			return;
		}
		if (message.reply) {
			this.#beyond ??= message.reply;
			this.servedBy ??= message.header(nodeHeader) || undefined;
			for (const frame of this.#waiting.splice(0)) this.#sendOn(frame);
		}
		const fault = this.#order.fault(message, this.who);
		if (fault) {
			this.outgoing.cancel(fault);
			return;
		}
		// An empty message only says that the call has been taken up.
		if (message.data.length === 0) return;
		try {
			this.outgoing.receive(decodeResponse(message.data));
		} catch (error) {
			this.outgoing.cancel(OrchestraError.from(error, 'malformed_message'));
		}
	}

	send(frame: Uint8Array): number {
		if (this.#sent === 0) this.#sender.send(this.subject, frame);
		else if (this.#beyond === undefined) this.#waiting.push(frame);
		else this.#sendOn(frame);
		return ++this.#sent;
	}

	forget(): void {
		// A cancel that has to wait for its way out needs to hear of it.
		if (this.#waiting.length === 0) this.#options.forget();
		else this.#options.timers.after(lateCancelMs, () => this.#options.forget());
	}

	cancelled(): void {}

	hold(): void {
		this.outgoing.cancel(
			new OrchestraError('overloaded', `${this.who} sends more than its caller takes`, { retryable: false }),
		);
	}

	release(): void {}

	#sendOn(frame: Uint8Array): void {
		try {
			this.#sender.send(this.#beyond ?? '', frame);
		} catch (error) {
			this.end(OrchestraError.from(error, 'cluster_unavailable'));
		}
	}
}

/** Milliseconds after which a call counts as taken by nobody who is there, when a node was lost. */
const untakenMs = 2_000;

/** Milliseconds in which a node that has taken up a call says so, at the very latest. */
const lateCancelMs = 5_000;

function nobodyThere({ plugin, node }: CallTarget): OrchestraError {
	const what = plugin === '' ? 'it' : `plugin ${plugin}`;
	if (node === undefined) {
		return new OrchestraError('plugin_unavailable', `no node of the cluster runs ${what} now`, {
			retryable: true,
			hint: 'Call again when it runs: orchestra ps --cluster shows how the nodes stand.',
			details: { plugin },
		});
	}
	return new OrchestraError('node_lost', `node ${node} is gone: it does not hear of calls of ${what}`, {
		retryable: true,
		hint: 'Call again: nothing was done. orchestra ps --cluster shows how the nodes stand.',
		details: { node, plugin },
	});
}

class NatsConnection implements Connection {
	readonly peer: Peer;
	readonly closed: Promise<Error | undefined>;
	readonly exchange: Connection['exchange'];
	#settle: (reason: Error | undefined) => void = () => {};
	#open = true;

	constructor({ node, plugin }: CallTarget, exchange: Connection['exchange']) {
		this.peer = { name: node ?? plugin, carrier: 'nats', address: '' };
		this.exchange = exchange;
		this.closed = new Promise((resolve) => {
			this.#settle = resolve;
		});
	}

	get open(): boolean {
		return this.#open;
	}

	async close(reason?: OrchestraError): Promise<void> {
		this.#open = false;
		this.#settle(reason);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}

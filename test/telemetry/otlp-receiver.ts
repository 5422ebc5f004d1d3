import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Changes } from '../support/changes.ts';
import { patienceMs } from '../support/patience.ts';

/** A span as it was exported. */
export interface ReceivedSpan {
	readonly service: string;
	readonly name: string;
	/** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
	readonly kind: number;
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId: string;
	readonly attributes: Readonly<Record<string, unknown>>;
	readonly status: { readonly code?: number; readonly message?: string };
	readonly events: readonly { readonly name: string; readonly attributes: Record<string, unknown> }[];
}

/** A point of a metric as it was exported. */
export interface ReceivedPoint {
	readonly service: string;
	readonly name: string;
	readonly attributes: Readonly<Record<string, unknown>>;
	/** The count of a histogram, the value of everything else. */
	readonly value: number;
}

interface Attribute {
	readonly key: string;
	readonly value: Readonly<Record<string, unknown>>;
}

/** What takes spans and metrics over OTLP/HTTP as JSON, as a collector does. */
export class OtlpReceiver implements AsyncDisposable {
	readonly spans: ReceivedSpan[] = [];
	readonly points: ReceivedPoint[] = [];
	readonly #server: Server;
	readonly #changes = new Changes();

	private constructor() {
		this.#server = createServer((request, response) => {
			let text = '';
			request.setEncoding('utf8').on('data', (part) => {
				text += part;
			});
			request.on('end', () => {
				response.setHeader('content-type', 'application/json').end('{}');
				this.#take(JSON.parse(text));
				this.#changes.tell();
			});
		});
	}

	static async open(): Promise<OtlpReceiver> {
		const receiver = new OtlpReceiver();
		await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
		return receiver;
	}

	/** The variables with which a process exports to it. */
	get env(): Record<string, string> {
		return {
			OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
			OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
		};
	}

	/** Waits until there are so many spans. */
	async until(count: number): Promise<ReceivedSpan[]> {
		await this.#changes.until(
			() => this.spans.length >= count || undefined,
			() => false,
			patienceMs,
			() => new Error(`there are ${this.spans.length} spans: ${JSON.stringify(this.spans)}`),
		);
		return this.spans;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	// biome-ignore lint/suspicious/noExplicitAny: the whole of OTLP is not worth types here
	#take({ resourceSpans = [], resourceMetrics = [] }: any): void {
		for (const { resource, scopeSpans } of resourceSpans) {
			const service = String(values(resource.attributes)['service.name']);
			for (const span of scopeSpans.flatMap(({ spans }: { spans: unknown[] }) => spans)) {
				this.spans.push({
					...span,
					service,
					parentSpanId: span.parentSpanId ?? '',
					attributes: values(span.attributes),
					status: span.status ?? {},
					events: (span.events ?? []).map((event: { name: string; attributes: Attribute[] }) => ({
						name: event.name,
						attributes: values(event.attributes),
					})),
				});
			}
		}
		for (const { resource, scopeMetrics } of resourceMetrics) {
			const service = String(values(resource.attributes)['service.name']);
			for (const { name, histogram, sum } of scopeMetrics.flatMap(
				({ metrics }: { metrics: unknown[] }) => metrics,
			)) {
				for (const point of (histogram ?? sum)?.dataPoints ?? []) {
					const value = Number(point.count ?? point.asInt ?? point.asDouble);
					this.points.push({ service, name, attributes: values(point.attributes), value });
				}
			}
		}
	}
}

function values(attributes: readonly Attribute[] = []): Record<string, unknown> {
	return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

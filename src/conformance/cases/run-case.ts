import type { ToolChunk } from '../../runtime/client/chunk-queue.ts';
import type { ReceivedEvent } from '../../runtime/client/event-stream.ts';
import { PeerError } from '../../runtime/client/peer-error.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import { compileSchema } from '../../runtime/plugin/input/schema-compiler.ts';
import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { isEqual, missingFrom, plain } from './compare.ts';
import type { Expectation, ExpectedEntry, ExpectedEvent, TestCase } from './test-case.ts';

/** Milliseconds that a case may take, where neither it nor the command line says. */
export const defaultCaseMs = 60_000;

/** Milliseconds that an event may be under way after the call. */
const eventMs = 5_000;

/** The outcome of a call. */
export interface Outcome {
	readonly result?: JsonObject;
	readonly chunks?: readonly JsonValue[];
	readonly error?: OrchestraError;
}

/** A difference between what a case expects and what came. */
export type Mismatch = { readonly expected: string; readonly came: string } | undefined;

/** Options of running a case. */
export interface CaseRun {
	readonly client: PluginClient;
	readonly streaming: (tool: string) => boolean;
	readonly signal?: AbortSignal | undefined;
	readonly timeoutMs?: number | undefined;
	/** The events that were heard so far, and a wait for more. Undefined where the target has none. */
	readonly events?: EventLog | undefined;
}

/** Events, as they come. */
export interface EventLog {
	readonly heard: readonly ReceivedEvent[];
	/** Waits until there is one that fits, for some milliseconds at most. */
	find(
		fits: (event: ReceivedEvent) => boolean,
		from: number,
		timeoutMs: number,
	): Promise<ReceivedEvent | undefined>;
}

/** Runs a case and holds what came against what is expected. */
export async function runCase(
	test: TestCase,
	run: CaseRun,
): Promise<{ outcome: Outcome; mismatch: Mismatch }> {
	const from = run.events?.heard.length ?? 0;
	const outcome = await outcomeOf(test, run);
	const expect = test.expect ?? {};
	const mismatch =
		(await compareOutcome(outcome, expect)) ??
		(await firstOf(expect.storage ?? [], (entry) => compareEntry(entry, run))) ??
		(await firstOf(expect.events ?? [], (event) => compareEvent(event, run, from)));
	return { outcome, mismatch };
}

/** Makes the call of a case. Never rejects: an error is what it came to. */
export async function outcomeOf(test: TestCase, run: CaseRun): Promise<Outcome> {
	const { client, signal } = run;
	const options = { signal, timeoutMs: test.timeoutMs ?? run.timeoutMs ?? defaultCaseMs };
	try {
		if (test.prompt !== undefined) {
			const args = Object.fromEntries(Object.entries(test.args).map(([key, value]) => [key, String(value)]));
			return { result: plain((await client.getPrompt(test.prompt, args, options)) as unknown as JsonObject) };
		}
		const tool = test.call ?? '';
		if (!run.streaming(tool) && test.expect?.chunks === undefined)
			return { result: plain(await client.callTool(tool, test.args, options)) };
		const chunks: JsonValue[] = [];
		for await (const chunk of client.streamTool(tool, test.args, options)) chunks.push(chunkValue(chunk));
		return { chunks };
	} catch (error) {
		return { error: OrchestraError.from(error, 'internal') };
	}
}

const text = new TextDecoder();

/** A chunk as a case writes it: JSON where it says that it is, a text where it is one, else its bytes in base64. */
function chunkValue({ data, contentType }: ToolChunk): JsonValue {
	if (/^application\/json\b/.test(contentType)) return JSON.parse(text.decode(data)) as JsonValue;
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(data);
	} catch {
		return { base64: Buffer.from(data).toString('base64') };
	}
}

async function compareOutcome(outcome: Outcome, expect: Expectation): Promise<Mismatch> {
	const { error, result, chunks } = outcome;
	if (expect.error) {
		const expected = `the error ${expect.error.code}`;
		if (!error) return { expected, came: told(result ?? chunks) };
		if (error.code !== expect.error.code) return { expected, came: toldError(error) };
		return compareText(error.message, expect.error.matches, 'an error whose message matches');
	}
	if (error) return { expected: 'success', came: toldError(error) };
	if (expect.chunks && !isEqual(chunks, expect.chunks))
		return { expected: `the chunks ${told(expect.chunks)}`, came: told(chunks ?? result) };
	const value = (result ?? chunks ?? null) as JsonValue;
	if (expect.result !== undefined && !isEqual(value, expect.result))
		return { expected: told(expect.result), came: told(value) };
	if (expect.subset !== undefined) {
		const missing = missingFrom(value, expect.subset);
		if (missing)
			return {
				expected: `a result with ${told(expect.subset)}`,
				came: `another value at ${missing}: ${told(value)}`,
			};
	}
	if (expect.schema) {
		const validate = (await compileSchema(expect.schema)).all();
		// Checking fills in defaults.
		if (!validate(structuredClone(value))) {
			const [fault] = validate.errors ?? [];
			return {
				expected: 'a result that fits the schema',
				came: `${fault?.instancePath || 'the whole'} ${fault?.message ?? 'does not'}: ${told(value)}`,
			};
		}
	}
	const shown = typeof result?.text === 'string' ? result.text : JSON.stringify(value);
	return compareText(shown, expect.matches, 'a result that matches');
}

function compareText(value: string, pattern: string | undefined, what: string): Mismatch {
	if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return undefined;
	return { expected: `${what} /${pattern}/`, came: told(value) };
}

async function compareEntry(entry: ExpectedEntry, { client, signal }: CaseRun): Promise<Mismatch> {
	const where = `${entry.type} ${entry.path}`;
	try {
		const options = { storageType: entry.type, signal, timeoutMs: defaultCaseMs };
		const content = text.decode((await client.storage.read(entry.path, options)).content);
		if (entry.absent) return { expected: `nothing stored at ${where}`, came: told(content) };
		if (entry.text !== undefined && content !== entry.text)
			return { expected: `${told(entry.text)} stored at ${where}`, came: told(content) };
		return compareText(content, entry.matches, `an entry at ${where} that matches`);
	} catch (error) {
		const failed = OrchestraError.from(error, 'internal');
		if (entry.absent && error instanceof PeerError && failed.code === 'storage_not_found') return undefined;
		return { expected: `an entry stored at ${where}`, came: toldError(failed) };
	}
}

async function compareEvent(event: ExpectedEvent, { events }: CaseRun, from: number): Promise<Mismatch> {
	const expected = `an event ${told(plain(event))}`;
	if (!events) return { expected, came: 'a target that tells no events' };
	const found = await events.find(
		({ topic, eventType, payload }) =>
			topic === event.topic &&
			(event.type === undefined || event.type === eventType) &&
			missingFrom(plain(payload), event.payload ?? {}) === undefined,
		from,
		eventMs,
	);
	if (found) return undefined;
	const heard = events.heard
		.slice(from)
		.map(({ topic, eventType, payload }) => ({ topic, type: eventType, payload }));
	return { expected, came: heard.length === 0 ? 'no event' : told(heard) };
}

async function firstOf<T>(items: readonly T[], compare: (item: T) => Promise<Mismatch>): Promise<Mismatch> {
	for (const item of items) {
		const mismatch = await compare(item);
		if (mismatch) return mismatch;
	}
	return undefined;
}

function toldError({ code, message }: OrchestraError): string {
	return `${code}: ${message}`;
}

function told(value: unknown): string {
	const json = JSON.stringify(value) ?? 'nothing';
	return json.length > 500 ? `${json.slice(0, 499)}…` : json;
}

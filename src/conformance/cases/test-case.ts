import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';

/** An error that a call has to end with. */
export interface ExpectedError {
	readonly code: string;
	/** A regular expression that its message has to match. */
	readonly matches?: string | undefined;
}

/** An entry that has to be stored after a call. */
export interface ExpectedEntry {
	readonly type: string;
	readonly path: string;
	/** The whole text. */
	readonly text?: string | undefined;
	/** A regular expression that the text has to match. */
	readonly matches?: string | undefined;
	/** That nothing is there. */
	readonly absent?: boolean | undefined;
}

/** An event that has to be published in the course of a call. */
export interface ExpectedEvent {
	readonly topic: string;
	readonly type?: string | undefined;
	/** Fields that its payload has to contain. */
	readonly payload?: JsonObject | undefined;
}

/** Expected outcome of a call. Each part that is named has to hold. */
export interface Expectation {
	/** The result, neither more nor less. */
	readonly result?: JsonValue | undefined;
	/** Part that the result has to contain: objects may have more keys, lists may not have more items. */
	readonly subset?: JsonValue | undefined;
	/** A JSON Schema that the result has to fit. */
	readonly schema?: JsonObject | undefined;
	/** A regular expression that the result's text has to match: its `text`, else its JSON. */
	readonly matches?: string | undefined;
	readonly error?: ExpectedError | undefined;
	/** The chunks of a stream: a text each, or JSON where a chunk says that it is. */
	readonly chunks?: readonly JsonValue[] | undefined;
	readonly storage?: readonly ExpectedEntry[] | undefined;
	readonly events?: readonly ExpectedEvent[] | undefined;
}

/** A call with what it has to come to. */
export interface TestCase {
	readonly name: string;
	/** Line of its file, from 1. */
	readonly line: number;
	/** The tool that is called; undefined where a prompt is asked for. */
	readonly call?: string | undefined;
	readonly prompt?: string | undefined;
	readonly args: JsonObject;
	/** Whether it takes at least 3 s: conformance checks cancel it, and give it deadlines. */
	readonly slow: boolean;
	/** Milliseconds. */
	readonly timeoutMs?: number | undefined;
	/** Undefined where nothing is expected yet: `--record` fills it in. */
	readonly expect?: Expectation | undefined;
}

/** A file with cases. */
export interface CasesFile {
	readonly file: string;
	/** Text of it for people. */
	readonly shown: string;
	/** Values that the plugin is booted with. */
	readonly config: Readonly<Record<string, string>>;
	/** Entries that are stored beforehand, by storage type and path. */
	readonly storage: ReadonlyMap<string, ReadonlyMap<string, string>>;
	readonly cases: readonly TestCase[];
}

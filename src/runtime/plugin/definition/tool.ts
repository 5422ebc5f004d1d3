import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonObject } from '../../wire/json-value.ts';
import type { InputSchema } from '../input/input-schema.ts';
import type { ToolContext } from './context.ts';
import type { ToolAnnotations } from './tool-annotations.ts';

/** A JSON Schema (2020-12, or draft-07 where its `$schema` says so) that describes an object. */
export interface JsonSchema {
	readonly [keyword: string]: unknown;
}

/** Parts of a {@link ToolDescription} that do not depend on its input. */
export interface ToolDescription {
	/** Purpose of the tool, for people and for models. */
	readonly description: string;
	/** Title that people read in a list. Default: its name. */
	readonly title?: string;
	/** Hints for whoever decides whether it may be called without asking. Default: none. */
	readonly annotations?: ToolAnnotations;
	/** A JSON Schema of its results, an object. It is listed, and not checked. Default: none. */
	readonly outputSchema?: JsonSchema;
}

/** A tool whose arguments a Standard Schema checks and types: https://standardschema.dev */
export interface StandardToolOptions<S extends StandardSchemaV1> extends ToolDescription {
	readonly input: S;
	/**
	 * The JSON Schema to list, where `input` cannot give one itself (zod gives one since 4.2). Without both, any object is
	 * listed. It is documentation only: `input` alone decides.
	 */
	readonly inputSchema?: JsonSchema;
}

/** A tool whose arguments a JSON Schema checks, or nothing: without `input` any object will do. */
export interface JsonSchemaToolOptions extends ToolDescription {
	readonly input?: JsonSchema;
}

/**
 * Answers a call. A string becomes `{text}`, an object goes as it is, any other JSON value becomes `{data}`, undefined `{}`.
 * An error that it throws fails the call: a {@link ToolError} with its own code, anything else with `handler_error`.
 */
export type ToolHandler<Args> = (args: Args, ctx: ToolContext) => unknown;

/**
 * Answers a call with a stream: an `async function*`, or a function that returns something async-iterable. Each value is one
 * chunk: bytes as they are, a string as UTF-8 text, another JSON value as JSON. The next value is asked for when the reader
 * has room. When nobody reads any more, `ctx.signal` aborts and the iterator is returned.
 */
export type StreamingToolHandler<Args> = (
	args: Args,
	ctx: ToolContext,
) => AsyncIterable<unknown> | PromiseLike<AsyncIterable<unknown>>;

/** A registered tool. Its handler takes what its input schema lets through. */
export interface Tool {
	readonly name: string;
	/** A number that no other tool in this process has. Greater than 0. */
	readonly mark: number;
	/** Name of the tool in messages: `tool forecast of plugin weather`. */
	readonly subject: string;
	readonly description: string;
	readonly title: string | undefined;
	readonly annotations: ToolAnnotations | undefined;
	readonly outputSchema: JsonObject | undefined;
	readonly input: InputSchema;
	/** Whether it answers `stream_start` rather than `tool_call`. */
	readonly streaming: boolean;
	readonly handler: (args: unknown, ctx: ToolContext) => unknown;
}

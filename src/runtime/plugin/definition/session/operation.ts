import type { OperationInfo, SessionParameter } from '../../../services/session-plugin-service.ts';
import type { JsonObject } from '../../../wire/json-value.ts';
import type { InputSchema } from '../../input/input-schema.ts';
import { createTool } from '../create-tool.ts';
import type { HookContext } from './hook.ts';

/** Description of an operation. */
export interface OperationOptions {
	readonly description: string;
	/** A Standard Schema or a JSON Schema of its arguments. Default: any object. */
	readonly input?: unknown;
	/** Default: `required` for one of a session, `forbidden` for one of a plugin. */
	readonly session?: SessionParameter;
}

/** Answers an operation. `ctx.signal` aborts when a task is cancelled. */
// biome-ignore lint/suspicious/noExplicitAny: the schema says what they are
export type OperationHandler = (args: any, ctx: HookContext) => unknown;

/** A registered operation. */
export interface Operation {
	readonly kind: OperationInfo['kind'];
	readonly name: string;
	readonly description: string;
	readonly session: SessionParameter;
	readonly input: InputSchema;
	readonly handler: (args: JsonObject, ctx: HookContext) => unknown;
}

/** Makes an operation of what its author registers. @throws OrchestraError `invalid_plugin`, `invalid_schema` */
export function createOperation(
	pluginId: string,
	kind: OperationInfo['kind'],
	name: string,
	{ description, input, session = 'required' }: OperationOptions,
	handler: unknown,
): Operation {
	// The name, schema and handler of an operation follow the rules of a tool's.
	const tool = createTool(pluginId, name, { description, input }, handler, false);
	return {
		kind,
		name,
		description: tool.description,
		session,
		input: tool.input,
		handler: tool.handler as unknown as Operation['handler'],
	};
}

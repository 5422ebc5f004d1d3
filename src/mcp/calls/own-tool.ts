import type { CallToolResult, Result, Tool } from '@modelcontextprotocol/server';
import { invalidArguments } from '../../runtime/plugin/input/fault.ts';
import { jsonSchemaInput } from '../../runtime/plugin/input/json-schema-input.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Caller } from './caller.ts';
import { failedResult, toolResult } from './tool-result.ts';

/** A tool that the front end has itself. */
export interface OwnTool {
	readonly listed: Tool;
	call(args: JsonObject, caller: Caller): Promise<Result>;
}

/** Makes a tool of the front end: its arguments are checked, and what it throws is a result that failed. */
export function ownTool(
	listed: Tool,
	run: (args: JsonObject, signal: AbortSignal) => Promise<JsonObject>,
): OwnTool {
	const subject = `tool ${listed.name}`;
	const input = jsonSchemaInput(subject, listed.inputSchema);
	return {
		listed,
		async call(args, { ctx }): Promise<CallToolResult> {
			try {
				const { faults } = await input.validate(args);
				if (faults) throw invalidArguments(subject, faults);
				return toolResult(await run(args, ctx.mcpReq.signal), false);
			} catch (thrown) {
				return failedResult(OrchestraError.from(thrown, 'internal'), true);
			}
		},
	};
}

import type { CallToolResult } from '@modelcontextprotocol/server';
import type { AskedInputs } from './asked-inputs.ts';

/** Outcome of a call of a tool: a result, or questions that have to be answered first. */
export type ToolOutcome =
	| { readonly result: CallToolResult; readonly asked?: undefined }
	| { readonly asked: AskedInputs; readonly result?: undefined };

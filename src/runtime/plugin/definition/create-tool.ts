import type { JsonObject } from '../../wire/json-value.ts';
import { anyInput, type InputSchema } from '../input/input-schema.ts';
import { jsonSchemaInput } from '../input/json-schema-input.ts';
import { isStandardSchema, standardInput } from '../input/standard-input.ts';
import { assertHandler, descriptionOf, titleOf } from './handler-options.ts';
import { assertHandlerName } from './names.ts';
import type { Tool, ToolDescription } from './tool.ts';
import { annotationsOf } from './tool-annotations.ts';

/** Options of a tool as they come from a caller that nobody type-checked. */
export type AnyToolOptions = Partial<Omit<ToolDescription, 'outputSchema'>> & {
	readonly input?: unknown;
	readonly inputSchema?: unknown;
	readonly outputSchema?: unknown;
};

let lastMark = 0;

/**
 * Makes a tool of what its author registers.
 *
 * @throws OrchestraError `invalid_plugin`, `invalid_schema`
 */
export function createTool(
	pluginId: string,
	name: string,
	options: AnyToolOptions,
	handler: unknown,
	streaming: boolean,
): Tool {
	assertHandlerName('tool', name, pluginId);
	assertHandler(handler, `tool ${name}`, pluginId);
	const subject = `tool ${name} of plugin ${pluginId}`;
	return {
		name,
		mark: ++lastMark,
		subject,
		description: descriptionOf(options, `tool ${name}`, pluginId),
		title: titleOf(options, `tool ${name}`, pluginId),
		annotations: annotationsOf(options.annotations, `tool ${name}`, pluginId),
		outputSchema: outputSchemaOf(subject, options.outputSchema),
		input: toInput(subject, options),
		streaming,
		// The schema lets through what the handler's type says.
		handler: handler as unknown as Tool['handler'],
	};
}

/** @throws OrchestraError `invalid_schema` */
function outputSchemaOf(subject: string, schema: unknown): JsonObject | undefined {
	return schema === undefined ? undefined : jsonSchemaInput(`the results of ${subject}`, schema).jsonSchema;
}

function toInput(subject: string, { input, inputSchema }: AnyToolOptions): InputSchema {
	if (input === undefined) return anyInput();
	if (isStandardSchema(input)) return standardInput(subject, input, inputSchema);
	return jsonSchemaInput(subject, input);
}

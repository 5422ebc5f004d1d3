import type { ListedPrompt, ListedTool } from '../../runtime/client/listings.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { Identifiers } from './identifiers.ts';
import { SchemaTypes } from './schema-types.ts';
import { commentText, docComment, stringLiteral } from './type-text.ts';

/** Subject of a written client. */
export interface ClientSubject {
	/** Name after which the client is called. */
	readonly name: string;
	/** Command that wrote it, for whoever writes it anew. */
	readonly command: string;
	readonly tools: readonly ListedTool[];
	readonly prompts: readonly ListedPrompt[];
}

/** A tool with a schema of its results, where its plugin has one. */
type DescribedTool = ListedTool & { readonly outputSchema?: JsonObject | undefined };

/** A part of a client: what it declares, its line in the interface, and its method. */
interface Member {
	readonly declarations: string;
	readonly signature: string;
	readonly method: string;
}

/** Writes a module of TypeScript: the types of what tools take and answer, and a client that has a method for each. */
export function writeClient({ name, command, tools, prompts }: ClientSubject): string {
	const types = new Identifiers();
	const client = types.type(name, 'Client');
	const promptClient = types.type(name, 'Prompts');
	const make = lower(client);
	const makePrompts = lower(promptClient);
	const methods = new Identifiers();
	const listed = new Map<string, number>();
	for (const tool of tools) listed.set(tool.name, (listed.get(tool.name) ?? 0) + 1);
	const members = tools.map((tool) => toolMember(tool, types, methods, (listed.get(tool.name) ?? 0) > 1));
	const promptNames = new Identifiers();
	const promptMembers = prompts.map((prompt) => promptMember(prompt, promptNames));
	const needed = [
		...(promptMembers.length > 0 ? ['CallOptions', 'FilledPrompt'] : []),
		'JsonObject',
		'PluginClient',
		...(tools.some((tool) => !tool.streaming) ? ['ToolCallOptions'] : []),
		...(tools.some((tool) => tool.streaming) ? ['ToolChunk', 'ToolStreamOptions'] : []),
	].filter((type) => type !== 'JsonObject' || tools.length > 0);
	return [
		`// Written by \`${commandText(command)}\`. Write it anew where the schemas have changed.\n`,
		`import type { ${needed.join(', ')} } from 'orchestra-toolchain/client';\n\n`,
		members.map(({ declarations }) => declarations).join('\n'),
		section(client, make, `The tools of ${name}. What is sent is checked by the plugin too.`, members),
		promptMembers.length === 0
			? ''
			: section(promptClient, makePrompts, `The prompts of ${name}.`, promptMembers),
	].join('');
}

function section(type: string, make: string, about: string, members: readonly Member[]): string {
	return [
		`\n${docComment(about)}export interface ${type} {\n`,
		members.map(({ signature }) => signature).join(''),
		`}\n\n${docComment(`${about} Called over a client of the plugin, or of an orchestrator.`)}`,
		`export function ${make}(client: PluginClient): ${type} {\n\treturn {\n`,
		members.map(({ method }) => method).join(''),
		'\t};\n}\n',
	].join('');
}

function toolMember(
	tool: DescribedTool,
	types: Identifiers,
	methods: Identifiers,
	isShared: boolean,
): Member {
	const method = methods.method(tool.name);
	const argumentsType = types.type(tool.name, 'Arguments');
	const taken = new SchemaTypes(tool.inputSchema, argumentsType, types, 'arguments');
	const declarations = [taken.declare(`What the tool ${tool.name} takes.`)];
	let result = 'JsonObject';
	if (tool.outputSchema && !tool.streaming) {
		result = types.type(tool.name, 'Result');
		const given = new SchemaTypes(tool.outputSchema, result, types, 'result');
		declarations.push(given.declare(`What the tool ${tool.name} answers.`));
	}
	const optional = taken.mayBeEmpty ? '?' : '';
	const options = tool.streaming ? 'ToolStreamOptions' : 'ToolCallOptions';
	const answer = tool.streaming ? 'AsyncIterableIterator<ToolChunk, undefined>' : `Promise<${result}>`;
	const text = tool.unavailable
		? `${tool.description}\nNot available: ${tool.unavailable}`
		: tool.description;
	const how = isShared && tool.plugin ? `{ plugin: ${stringLiteral(tool.plugin)}, ...options }` : 'options';
	const call = tool.streaming ? 'streamTool' : 'callTool';
	const cast = result === 'JsonObject' ? '' : ` as Promise<unknown> as Promise<${result}>`;
	const sent = optional ? '(args ?? {}) as unknown as JsonObject' : 'args as unknown as JsonObject';
	return {
		declarations: declarations.join('\n'),
		signature: `${docComment(text, '\t')}\t${method}(args${optional}: ${argumentsType}, options?: ${options}): ${answer};\n`,
		method: `\t\t${method}: (args, options) => client.${call}(${stringLiteral(tool.name)}, ${sent}, ${how})${cast},\n`,
	};
}

function promptMember(prompt: ListedPrompt, names: Identifiers): Member {
	const method = names.method(prompt.name);
	const required = prompt.arguments.some((argument) => argument.required);
	const seen = new Set<string>();
	const lines = prompt.arguments.flatMap((argument) => {
		if (seen.has(argument.name)) return [];
		seen.add(argument.name);
		const mark = argument.required ? '' : '?';
		return [
			`${docComment(argument.description, '\t\t')}\t\t${stringLiteral(argument.name)}${mark}: string;\n`,
		];
	});
	const args = lines.length === 0 ? 'Record<string, never>' : `{\n${lines.join('')}\t}`;
	const optional = required ? '' : '?';
	const sent = optional ? 'args ?? {}' : 'args';
	return {
		declarations: '',
		signature: `${docComment(prompt.description, '\t')}\t${method}(args${optional}: ${args}, options?: CallOptions): Promise<FilledPrompt>;\n`,
		method: `\t\t${method}: (args, options) => client.getPrompt(${stringLiteral(prompt.name)}, (${sent}) as Record<string, string>, options),\n`,
	};
}

function commandText(command: string): string {
	return commentText(command).replaceAll('\n', ' ').replaceAll('`', "'");
}

function lower(text: string): string {
	return text.slice(0, 1).toLowerCase() + text.slice(1);
}

// A program on our side of MCP, for the conformance kit: hosts the server at the URL of its last argument as a plugin, and calls what it has.

import { createClient } from '../../dist/runtime/client.js';
import { Orchestrator } from '../../dist/runtime/host.js';
import { mcpServer } from '../../dist/runtime/mcp.js';

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

const orchestrator = new Orchestrator({
	onLog: ({ level, message }) => level === 'debug' || console.error(level, message),
});
await orchestrator.host(mcpServer({ label: 'tested', settings: { url } }));
const client = createClient(orchestrator.connect('cli'));
const tools = await client.listTools();

/** Arguments that a schema takes. */
function example({ properties = {}, required = Object.keys(properties) }) {
	return Object.fromEntries(
		required.map((key) => {
			const { type, enum: values, default: value } = properties[key] ?? {};
			if (value !== undefined) return [key, value];
			if (values) return [key, values[0]];
			return [key, type === 'number' || type === 'integer' ? 3 : type === 'boolean' ? true : 'text'];
		}),
	);
}

/** An answer to what a tool asks for. */
function answer({ method, params = {} }) {
	if (method === 'roots/list') return { roots: [] };
	if (method === 'sampling/createMessage') {
		return { role: 'assistant', content: { type: 'text', text: 'an answer' }, model: 'none' };
	}
	return { action: 'accept', content: example(params.requestedSchema ?? {}) };
}

async function call(name, args) {
	let answers = {};
	for (let round = 0; round < 8; round++) {
		try {
			return await client.callTool(name, args, answers);
		} catch (error) {
			if (error.code !== 'input_required') {
				console.error(`${name}: ${error.code} ${error.message}`);
				return undefined;
			}
			const { inputRequests, requestState } = error.details;
			answers = {
				inputResponses: Object.fromEntries(
					Object.entries(inputRequests).map(([key, asked]) => [key, answer(asked)]),
				),
				requestState,
			};
		}
	}
	return undefined;
}

console.error(`scenario ${scenario}, tools ${tools.map(({ name }) => name).join(', ')}`);
const asked = context.toolCalls;
if (asked) for (const { name, arguments: args } of asked) await call(name, args);
else for (const { name, inputSchema } of tools) await call(name, example(inputSchema));
if ((await client.describe())?.plugins[0]?.providesStorage?.length) {
	const storageType = 'uri:tested';
	for (const { path } of await client.storage.list({ storageType }).catch(() => [])) {
		await client.storage.read(path, { storageType }).catch((error) => console.error(path, error.message));
	}
}
for (const { name, arguments: args } of await client.listPrompts()) {
	await client
		.getPrompt(name, Object.fromEntries(args.map((argument) => [argument.name, 'text'])))
		.catch((error) => console.error(name, error.message));
}
await client.close();
await orchestrator.stop({ graceMs: 0 });

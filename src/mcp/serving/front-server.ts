import type { ServerOptions } from '@modelcontextprotocol/server';
import { softwareVersion } from '../../runtime/plugin/serving/software.ts';
import { toolCallAnswerer } from '../calls/tool-call-answerer.ts';
import { handlePrompts } from '../listing/prompts.ts';
import { handleToolList } from '../listing/tool-list.ts';
import type { McpFront } from '../mcp-front.ts';
import { handleResources } from '../resources/handle-resources.ts';
import { handleLegacyTasks, handleTasks } from '../tasks/handle-tasks.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import { tasksExtension } from '../tasks/tasks-extension.ts';
import { QuickServer } from './quick-server.ts';
import type { SettledEra } from './settled-era.ts';

/** 2026-07-28, or what was before. */
type McpEra = 'modern' | 'legacy';

/**
 * Makes a server of the official SDK for one connection, or for one request.
 *
 * @param tasks those of whoever it is for
 * @param settled what is known of clients, where that outlives it
 */
export function frontServer(
	front: McpFront,
	era: McpEra,
	tasks: TaskBook,
	settled?: SettledEra,
): QuickServer {
	const { name = 'orchestra' } = front.options;
	const options = { ...commonOptions, ...eraOptions[era], requestState: { verify: front.state.verify } };
	const server = new QuickServer({ name, version: softwareVersion }, options, settled);
	handleToolList(front, server);
	server.answerToolCalls(toolCallAnswerer(front, tasks));
	handlePrompts(front, server);
	handleResources(front, server);
	if (era === 'modern') handleTasks(server, tasks);
	else handleLegacyTasks(server, tasks);
	return server;
}

/** Milliseconds that a client may keep a list without asking: changes are told. */
const listTtlMs = 60_000;

/** Lets every answer of a user pass: it is judged by the tool that asked. */
const anyContent: NonNullable<ServerOptions['jsonSchemaValidator']> = {
	getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
};

const commonOptions: ServerOptions = {
	cacheHints: {
		'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' },
		'prompts/list': { ttlMs: listTtlMs, cacheScope: 'private' },
		'resources/templates/list': { ttlMs: listTtlMs, cacheScope: 'private' },
	},
	jsonSchemaValidator: anyContent,
};

const capabilities = {
	tools: { listChanged: true },
	prompts: { listChanged: true },
	resources: { listChanged: true, subscribe: true },
	completions: {},
	logging: {},
};

const legacyTasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };

const eraOptions: Readonly<Record<McpEra, ServerOptions>> = {
	modern: { capabilities: { ...capabilities, extensions: { [tasksExtension]: {} } } },
	legacy: { capabilities: { ...capabilities, tasks: legacyTasks } },
};

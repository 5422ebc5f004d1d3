import {
	CLIENT_CAPABILITIES_META_KEY,
	MissingRequiredClientCapabilityError,
} from '@modelcontextprotocol/server';
import type { CallContext } from '../calls/call-context.ts';

/** The name of the extension of 2026-07-28. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Key that marks a message of 2025-11-25 as one about a task. */
export const relatedTask = 'io.modelcontextprotocol/related-task';

/** Capabilities that a client of 2026-07-28 states with each request. */
export type ClientCapabilities = Readonly<Record<string, unknown>>;

/** Capabilities of the client of a request; undefined where it is of an earlier revision. */
export function clientCapabilities({ mcpReq }: CallContext): ClientCapabilities | undefined {
	return (mcpReq.envelope as Record<string, ClientCapabilities | undefined> | undefined)?.[
		CLIENT_CAPABILITIES_META_KEY
	];
}

/** Whether the client of a request takes tasks. */
export function takesTasks(capabilities: ClientCapabilities | undefined): boolean {
	const { extensions } = capabilities ?? {};
	return typeof extensions === 'object' && extensions !== null && tasksExtension in extensions;
}

/** @throws MissingRequiredClientCapabilityError where the client of a request has not said that it takes tasks */
export function assertTakesTasks(ctx: CallContext): void {
	if (takesTasks(clientCapabilities(ctx))) return;
	throw new MissingRequiredClientCapabilityError(
		{ requiredCapabilities: { extensions: { [tasksExtension]: {} } } },
		'this client has not said that it takes tasks',
	);
}

import type {
	ContentBlock,
	PluginManifest,
	PluginStatus,
	PromptArgument,
	PromptDefinition,
	PromptMessage,
	StorageEntry,
	ToolDefinition,
} from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';

/** A tool, as a peer lists it. */
export interface ListedTool extends ToolDefinition {
	name: string;
	description: string;
	/** A JSON Schema; an empty one allows everything. */
	inputSchema: JsonObject;
	/** Whether it answers a stream. A core peer does not say: false there. */
	streaming: boolean;
}

/** A prompt, as a peer lists it. */
export interface ListedPrompt extends PromptDefinition {
	name: string;
	description: string;
	arguments: (Required<Omit<PromptArgument, 'values'>> & Pick<PromptArgument, 'values'>)[];
}

/** A prompt, filled in. */
export interface FilledPrompt {
	description: string;
	messages: (PromptMessage & {
		role: string;
		/** `block`: the whole block, where it is not all text; `text` is empty then. */
		content: Required<Omit<ContentBlock, 'block'>> & Pick<ContentBlock, 'block'>;
	})[];
}

/** The health that a peer reports. */
export interface Health {
	status: 'healthy' | 'degraded' | 'unhealthy' | 'unspecified';
	message: string;
	details: Record<string, string>;
	/** Milliseconds that its event loop was late at worst since it was last asked; left out where it does not say. */
	loopLagMs?: number;
	/** Bytes that its process occupies; left out where it does not say. */
	memoryBytes?: number;
}

/** A peer's description of itself. */
export interface PeerDescription {
	/** One for a plugin, many for an orchestrator. */
	plugins: PluginManifest[];
	/** Name and version of the serving runtime. */
	software: string;
	/** The extensions of the protocol that it understands. */
	extensions: string[];
	orchestrator: boolean;
	/** States of an orchestrator's plugins; empty for a plugin. */
	statuses: PluginStatus[];
}

/** An entry of a storage, read. */
export interface StoredEntry {
	content: Uint8Array;
	metadata: JsonObject;
	/** 1 after the first write, and one more with each. */
	version: number;
}

/** An entry of a storage, listed. */
export interface ListedEntry extends Omit<StorageEntry, 'modifiedAt'> {
	path: string;
	/** Bytes. */
	size: number;
	version: number;
	/** Absent where the storage does not know. */
	modifiedAt?: Date;
}

/** A tool of a message, without the prototype that a decoded message has: it prints and compares as what it is. */
export function listTool(tool: ToolDefinition): ListedTool {
	return {
		name: tool.name ?? '',
		description: tool.description ?? '',
		inputSchema: tool.inputSchema ?? {},
		streaming: tool.streaming ?? false,
		...(tool.title ? { title: tool.title } : {}),
		...(tool.annotations ? { annotations: tool.annotations } : {}),
		...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
		...(tool.plugin ? { plugin: tool.plugin } : {}),
		...(tool.unavailable ? { unavailable: tool.unavailable } : {}),
	};
}

/** A prompt of a message. See {@link listTool}. */
export function listPrompt(prompt: PromptDefinition): ListedPrompt {
	return {
		name: prompt.name ?? '',
		description: prompt.description ?? '',
		arguments: (prompt.arguments ?? []).map((argument) => ({
			name: argument.name ?? '',
			description: argument.description ?? '',
			required: argument.required ?? false,
			...(argument.values?.length ? { values: argument.values } : {}),
		})),
		...(prompt.plugin ? { plugin: prompt.plugin } : {}),
	};
}

/** An entry of a message. See {@link listTool}. */
export function listEntry(entry: StorageEntry): ListedEntry {
	const modified = entry.modifiedAt;
	return {
		path: entry.path ?? '',
		size: entry.size ?? 0,
		version: entry.version ?? 0,
		...(modified
			? { modifiedAt: new Date((modified.seconds ?? 0) * 1000 + (modified.nanos ?? 0) / 1_000_000) }
			: {}),
	};
}

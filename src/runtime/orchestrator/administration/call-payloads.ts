import type { PluginSlot } from '../../hosting/plugin-slot.ts';
import type { PluginRequest, PluginResponse } from '../../wire/generated/messages.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import type { CallPayload, KeptValue } from './call-events.ts';
import { maskedText } from './masked-text.ts';
import { SecretFields } from './secret-fields.ts';

/** Bytes of text that are kept of one value. */
const maxValueBytes = 64 * 1024;

/** Bytes of text that are kept of all values. */
const maxBytes = 4 * 1024 * 1024;

interface Kept {
	arguments: KeptValue;
	result: KeptValue | undefined;
	/** Secrets that its result must not show. */
	readonly secrets: readonly string[];
	bytes: number;
}

/** Arguments and results of the latest calls, with their secrets masked. The oldest go where the room is used up. */
export class CallPayloads {
	readonly #kept = new Map<string, Kept>();
	#bytes = 0;

	get(id: string): CallPayload {
		const { arguments: args, result } = this.#kept.get(id) ?? {};
		return { ...(args ? { arguments: args } : {}), ...(result ? { result } : {}) };
	}

	/** Keeps what the call of a tool or prompt was given. */
	begin(id: string, request: PluginRequest, slot: PluginSlot): void {
		const args = argumentsOf(request);
		if (!args) return;
		const { secrets, ...value } = maskedText(args, maxValueBytes, secretFieldsOf(request, slot));
		const kept: Kept = { arguments: value, result: undefined, secrets, bytes: 0 };
		this.#kept.set(id, kept);
		this.#count(kept, value);
	}

	/** Keeps what it answered. */
	end(id: string, response: PluginResponse): void {
		const kept = this.#kept.get(id);
		const result = response.toolCall?.success ? response.toolCall.result : response.promptGet;
		if (!kept || response.error || !result) return;
		const { secrets: _, ...value } = maskedText(result as JsonValue, maxValueBytes, undefined, kept.secrets);
		kept.result = value;
		this.#count(kept, value);
	}

	clear(): void {
		this.#kept.clear();
		this.#bytes = 0;
	}

	#count(kept: Kept, value: KeptValue): void {
		const bytes = Buffer.byteLength(value.text);
		kept.bytes += bytes;
		this.#bytes += bytes;
		for (const [id, oldest] of this.#kept) {
			if (this.#bytes <= maxBytes) return;
			this.#kept.delete(id);
			this.#bytes -= oldest.bytes;
		}
	}
}

/** The secrets among the arguments of a call, as texts. */
export function secretsAmong(request: PluginRequest, slot: PluginSlot): readonly string[] {
	const fields = secretFieldsOf(request, slot);
	const args = argumentsOf(request);
	return fields && args ? maskedText(args, 0, fields).secrets : [];
}

function argumentsOf({ toolCall, streamStart, promptGet }: PluginRequest): JsonObject | undefined {
	const call = toolCall ?? streamStart ?? promptGet;
	return call && (call.arguments ?? {});
}

/** By schema; undefined for one without a secret. A schema stays the same object while its plugin runs. */
const known = new WeakMap<JsonObject, SecretFields | undefined>();

function secretFieldsOf(
	{ toolCall, streamStart }: PluginRequest,
	slot: PluginSlot,
): SecretFields | undefined {
	const name = (toolCall ?? streamStart)?.toolName;
	const schema =
		name === undefined ? undefined : slot.known?.tools.find((tool) => tool.name === name)?.inputSchema;
	if (!schema) return undefined;
	if (!known.has(schema)) {
		known.set(schema, SecretFields.mayBeIn(schema) ? new SecretFields(schema) : undefined);
	}
	return known.get(schema);
}

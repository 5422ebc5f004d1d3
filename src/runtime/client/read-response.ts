import { type PluginResponse, Status } from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';
import {
	type FilledPrompt,
	type Health,
	type ListedEntry,
	type ListedPrompt,
	type ListedTool,
	listEntry,
	listPrompt,
	listTool,
	type PeerDescription,
	type StoredEntry,
} from './listings.ts';
import { PeerError } from './peer-error.ts';
import { type Asked, mismatchError, peerError, reportedError, responseKind } from './response-error.ts';

// One reader for each kind of response: it returns what was asked for, or throws. Each looks at ErrorInfo first: a peer of
// ours sends it beside the core field, which cannot say all of it.

const nothing: Uint8Array = new Uint8Array(0);

/** The part of the response that fits the request, or the error that it stands for. */
function expect<K extends keyof PluginResponse>(
	response: PluginResponse,
	kind: K,
	asked: Asked,
): NonNullable<PluginResponse[K]> {
	const error = reportedError(response, asked);
	if (error) throw error;
	return response[kind] ?? raise(mismatchError(response, asked));
}

function raise(error: Error): never {
	throw error;
}

export function readToolCall(response: PluginResponse, asked: Asked): JsonObject {
	const answer = expect(response, 'toolCall', asked);
	if (answer.success) return answer.result ?? {};
	if (answer.errorCode === 'unknown_request') throw mismatchError(response, asked);
	throw peerError(asked, answer.errorCode, answer.errorMessage);
}

export function readRegister(response: PluginResponse, asked: Asked): void {
	const answer = expect(response, 'register', asked);
	if (answer.accepted) return;
	throw peerError(
		asked,
		'registration_rejected',
		`${asked.peer} refused the registration of ${asked.subject}: ${answer.rejectReason || 'it gave no reason'}`,
	);
}

export function readBoot(response: PluginResponse, asked: Asked): void {
	const answer = expect(response, 'boot', asked);
	if (answer.ready) return;
	throw peerError(
		asked,
		'boot_failed',
		`${asked.peer} could not boot: ${answer.error || 'it gave no reason'}`,
	);
}

export function readShutdown(response: PluginResponse, asked: Asked): boolean {
	return expect(response, 'shutdown', asked).clean ?? false;
}

const healthNames = Object.entries(Status) as [Health['status'], Status][];

export function readHealth(response: PluginResponse, asked: Asked): Health {
	const answer = expect(response, 'health', asked);
	return {
		status: healthNames.find(([, number]) => number === answer.status)?.[0] ?? 'unspecified',
		message: answer.message ?? '',
		details: { ...answer.details },
		...(answer.loopLagMs ? { loopLagMs: answer.loopLagMs } : {}),
		...(answer.memoryBytes ? { memoryBytes: answer.memoryBytes } : {}),
	};
}

export function readDescribe(response: PluginResponse, asked: Asked): PeerDescription | undefined {
	// A core peer does not know the request; some say so with a code of their own.
	if (response.error || response.toolCall?.success === false || response.toolCall?.errorCode)
		return undefined;
	const answer = expect(response, 'describe', asked);
	return {
		plugins: (answer.plugins ?? []).map((manifest) => ({ ...manifest })),
		software: answer.software ?? '',
		extensions: [...(answer.extensions ?? [])],
		orchestrator: answer.orchestrator ?? false,
		statuses: (answer.statuses ?? []).map((status) => ({ ...status })),
	};
}

export function readListTools(response: PluginResponse, asked: Asked): ListedTool[] {
	return (expect(response, 'listTools', asked).tools ?? []).map(listTool);
}

export function readListPrompts(response: PluginResponse, asked: Asked): ListedPrompt[] {
	return (expect(response, 'listPrompts', asked).prompts ?? []).map(listPrompt);
}

export function readPromptGet(response: PluginResponse, asked: Asked): FilledPrompt {
	const answer = expect(response, 'promptGet', asked);
	const messages = answer.messages ?? [];
	// The Go SDK has no way to report an error here: it puts its text into the description and sends no messages.
	if (messages.length === 0) {
		const text = answer.description;
		const missing = !text || /not found/i.test(text);
		throw peerError(asked, missing ? 'prompt_not_found' : 'handler_error', text || undefined, {
			hint: 'List the prompts of the plugin to see what it has.',
		});
	}
	return {
		description: answer.description ?? '',
		messages: messages.map(({ role, content }) => ({
			role: role ?? '',
			content: {
				type: content?.type ?? 'text',
				text: content?.text ?? '',
				...(content?.block ? { block: content.block } : {}),
			},
		})),
	};
}

export function readStorageRead(response: PluginResponse, asked: Asked): StoredEntry {
	const answer = expect(response, 'storageRead', asked);
	// Versions begin at 1. The Go SDK answers a read that failed, for whatever reason, with an empty message.
	if (!answer.version && !answer.content?.length && !answer.metadata) {
		throw peerError(asked, 'storage_not_found', `${asked.peer} has no entry at ${asked.subject}`, {
			hint: 'A core peer answers the same where reading failed: its log says more.',
		});
	}
	return {
		content: answer.content ?? nothing,
		metadata: answer.metadata ?? {},
		version: answer.version ?? 0,
	};
}

export function readStorageWrite(response: PluginResponse, asked: Asked): number {
	const answer = expect(response, 'storageWrite', asked);
	if (answer.success) return answer.newVersion ?? 0;
	throw conflictOf(asked, answer.error) ?? peerError(asked, 'handler_error', answer.error);
}

/** Characters of a peer's text in which a conflict is looked for: the text is hostile. */
const maxConflictText = 4096;

/** Message of stores on the Go SDK for an entry that is at another version: `version conflict at a.md: expected 1, is 2`, or without the path. */
const conflictText = /version conflict\b[^,]{0,1024}?\bexpected (\d{1,16}), (?:current|is|got) (\d{1,16})/i;

/** A conflict that a core peer can say in words only; undefined where it says something else. */
function conflictOf(asked: Asked, text = ''): PeerError | undefined {
	const [, expected, current] = conflictText.exec(text.slice(0, maxConflictText)) ?? [];
	if (expected === undefined) return undefined;
	return new PeerError('storage_conflict', text, {
		peer: asked.peer,
		hint: 'Read it again and write over the version that you read.',
		details: { path: asked.subject, expectedVersion: Number(expected), currentVersion: Number(current) },
	});
}

export function readStorageDelete(response: PluginResponse, asked: Asked): void {
	const answer = expect(response, 'storageDelete', asked);
	if (!answer.success) throw peerError(asked, 'handler_error', undefined);
}

export function readStorageList(response: PluginResponse, asked: Asked): ListedEntry[] {
	return (expect(response, 'storageList', asked).entries ?? []).map(listEntry);
}

/** The acknowledgement of publish, subscribe and unsubscribe: an empty response, or the empty delivery that the Go SDK sends. */
export function readAcknowledgement(response: PluginResponse, asked: Asked): void {
	const error = reportedError(response, asked);
	if (error) throw error;
	const kind = responseKind(response);
	if (kind !== undefined && kind !== 'event_delivery') throw mismatchError(response, asked);
}

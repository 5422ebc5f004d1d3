import type { CallOptions } from '../runtime/client/call-options.ts';
import type { PluginClient } from '../runtime/client/plugin-client.ts';
import type { ServiceClient } from '../runtime/services/service-client.ts';
import type { sessionsService } from '../runtime/services/sessions-service.ts';
import { isObject, type JsonObject } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { outputText } from './output-text.ts';

/** Help for the lines that a session takes. */
export const sessionHelp =
	'  call TOOL [JSON]     call a tool in the session\n' +
	'  fire HOOK [JSON]     fire a hook, and show what its plugins want\n' +
	'  operate NAME [JSON]  run a query, command or task\n' +
	'  cancel CALL          cancel a call by its id\n' +
	'  confirm              what is to be done once everything is stored\n' +
	'  show                 its tools, hooks, build times and calls\n' +
	'  close                close it and end';

/** Context in which a line is run. */
export interface SessionPlace {
	readonly client: PluginClient;
	readonly sessions: ServiceClient<typeof sessionsService.methods>;
	readonly session: string;
	readonly options: CallOptions;
}

/** Runs one line; `close` where the session is to end, undefined where there is nothing to show. @throws OrchestraError `usage`, and what it comes to */
export async function runSessionLine(line: string, place: SessionPlace): Promise<unknown> {
	const { client, sessions, session, options } = place;
	const [, word = '', name = '', text = ''] = /^\s*(\S*)\s*(\S*)\s*(.*)$/s.exec(line) ?? [];
	if (word === '' || word.startsWith('#')) return undefined;
	switch (word) {
		case 'call':
			return client.callTool(needed(word, name), readJson(text), {
				...options,
				sessionId: session,
				onOutput: outputText(),
			});
		case 'fire':
			return sessions.fire({ session, hook: needed(word, name), data: readJson(text) }, options);
		case 'operate':
			return sessions.operate({ session, name: needed(word, name), arguments: readJson(text) }, options);
		case 'cancel':
			return sessions.cancel({ session, call: needed(word, name) }, options);
		case 'confirm':
			return sessions.confirm({ session }, options);
		case 'show':
			return sessions.describe({ session }, options);
		case 'close':
			return 'close';
		default:
			throw new OrchestraError('usage', `${JSON.stringify(word)} is nothing that a session does`, {
				hint: `It knows:\n${sessionHelp}`,
			});
	}
}

function needed(word: string, name: string): string {
	if (name !== '') return name;
	throw new OrchestraError('usage', `${word} needs a name`, { hint: `It knows:\n${sessionHelp}` });
}

function readJson(text: string): JsonObject {
	if (text.trim() === '') return {};
	try {
		const value: unknown = JSON.parse(text);
		if (isObject(value)) return value;
	} catch (error) {
		throw new OrchestraError('usage', `${text} is not JSON`, {
			cause: error,
			hint: 'Write an object: {"key":"value"}.',
		});
	}
	throw new OrchestraError('usage', `${text} is no JSON object`, {
		hint: 'Write an object: {"key":"value"}.',
	});
}

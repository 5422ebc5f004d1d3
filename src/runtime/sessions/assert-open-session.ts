import type { OpenSession } from '../services/sessions-service.ts';
import { isObject, type JsonObject } from '../wire/json-value.ts';
import { jsonPointer } from '../wire/not-json.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Kind of value of each key of {@link OpenSession}. */
const kinds: Readonly<Record<keyof OpenSession, keyof typeof checks>> = {
	id: 'a text',
	workingDirectory: 'a text',
	commandPrefix: 'a list of texts',
	project: 'a text',
	options: 'an object of objects',
	parent: 'a text',
	plugins: 'a list of texts',
	snapshots: 'an object of lists',
};

const isText = (value: unknown) => typeof value === 'string';

/** Each says the keys below at which a value is something else; undefined where it is what it should be. */
const checks = {
	'a text': (value: unknown) => (isText(value) ? undefined : wrong([], 'a text')),
	'a list of texts': (value: unknown) =>
		Array.isArray(value) && value.every(isText) ? undefined : wrong([], 'a list of texts'),
	'an object of objects': (value: unknown) => wrongEntry(value, isObject, 'an object'),
	'an object of lists': (value: unknown) =>
		wrongEntry(value, (entry) => Array.isArray(entry) && entry.every(isObject), 'a list of objects'),
};

/**
 * Holds what a session is opened with to what it may be.
 *
 * @throws OrchestraError `invalid_arguments` that names the key
 */
export function assertOpenSession(args: OpenSession): void {
	for (const [key, value] of Object.entries(args)) {
		if (!Object.hasOwn(kinds, key)) {
			throw invalid([key], 'is nothing that a session has', `It has ${Object.keys(kinds).join(', ')}.`);
		}
		const fault = value === undefined ? undefined : checks[kinds[key as keyof OpenSession]](value);
		if (fault) throw invalid([key, ...fault.keys], `is not ${fault.what}`);
	}
	const { id, plugins = [] } = args;
	const twice = plugins.find((plugin, index) => plugins.indexOf(plugin) !== index);
	if (twice !== undefined) throw invalid(['plugins'], `names ${twice} twice`);
	if (id !== undefined && !/^[\w.-]{1,64}$/.test(id)) {
		const hint = 'An id has 1 to 64 letters, digits, ".", "_" or "-".';
		throw invalid(['id'], `${JSON.stringify(id)} cannot name a session`, hint);
	}
}

function wrong(keys: readonly string[], what: string) {
	return { keys, what };
}

function wrongEntry(value: unknown, isRight: (entry: unknown) => boolean, what: string) {
	if (!isObject(value)) return wrong([], 'an object');
	const found = Object.entries(value as JsonObject).find(([, entry]) => !isRight(entry));
	return found && wrong([found[0]], what);
}

function invalid(keys: string[], what: string, hint?: string): OrchestraError {
	return new OrchestraError('invalid_arguments', `${jsonPointer(keys, keys.length)} ${what}`, { hint });
}

import { ownErrorResponse } from '../hosting/own-error-response.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Interceptor } from './interceptor.ts';
import { matchesName } from './matches-name.ts';

/** What certificates may do. In a pattern `*` stands for any characters. */
export interface AccessRule {
	/** What a refusal calls the rule. */
	readonly name: string;
	/** Patterns of the certificates that it is about. */
	readonly certificates: readonly string[];
	readonly tools: readonly string[];
	readonly prompts: readonly string[];
	readonly publish: readonly string[];
	readonly subscribe: readonly string[];
	/** Storage types. */
	readonly storage: readonly string[];
	readonly administer: boolean;
}

/** The storage type of a request that names none. Source: the Go SDK. */
const defaultStorageType = 'markdown';

/**
 * Holds certificates to rules: one that a rule names may do what its rules allow and nothing else; one that no rule names may do what
 * every peer may. Lists, health and descriptions are for everybody.
 *
 * @param onDenied called with each refusal, in a sentence
 */
export function accessControl(
	rules: readonly AccessRule[],
	onDenied: (message: string) => void,
): Interceptor {
	return (exchange, next) => {
		const { request, peer } = exchange;
		const asked = askedFor(request);
		const own = asked && rules.filter(({ certificates }) => matchesAny(certificates, peer.name));
		if (!asked || !own || own.length === 0) {
			next();
			return;
		}
		if (own.some((rule) => matchesAny(rule[asked.kind], asked.name))) {
			next();
			return;
		}
		const names = own.map(({ name }) => name).join(', ');
		const message = `${peer.name} may not ${asked.verb} ${asked.name}: the rule ${names} does not allow it`;
		onDenied(message);
		exchange.finish(
			ownErrorResponse(
				request,
				new OrchestraError('permission_denied', message, {
					hint: `Add it to ${asked.kind} of the rule under access.rules, if it is meant to be allowed.`,
					details: { caller: peer.name, rule: names, kind: asked.kind, name: asked.name },
				}),
			),
		);
	};
}

/** Patterns of the certificates that may administer: the operators, and those of rules that say so. */
export function operatorsOf(operators: readonly string[], rules: readonly AccessRule[]): string[] {
	return [...operators, ...rules.filter((rule) => rule.administer).flatMap((rule) => rule.certificates)];
}

interface Asked {
	readonly kind: 'tools' | 'prompts' | 'publish' | 'subscribe' | 'storage';
	readonly verb: string;
	readonly name: string;
}

/** What a request is about, as far as rules are concerned. */
function askedFor(request: PluginRequest): Asked | undefined {
	const call = request.toolCall ?? request.streamStart;
	if (call) return { kind: 'tools', verb: 'call the tool', name: call.toolName ?? '' };
	if (request.promptGet) {
		return { kind: 'prompts', verb: 'use the prompt', name: request.promptGet.promptName ?? '' };
	}
	if (request.publish) return { kind: 'publish', verb: 'publish', name: request.publish.topic ?? '' };
	if (request.subscribe) {
		return { kind: 'subscribe', verb: 'subscribe to', name: request.subscribe.topic ?? '' };
	}
	const storage = request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
	if (storage)
		return { kind: 'storage', verb: 'use the storage', name: storage.storageType || defaultStorageType };
	return undefined;
}

function matchesAny(patterns: readonly string[], name: string): boolean {
	return patterns.some((pattern) => matchesName(pattern, name));
}

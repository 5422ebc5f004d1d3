import { eventsService } from '../client/event-batch.ts';
import { ownErrorResponse } from '../hosting/own-error-response.ts';
import { defaultStorageType } from '../plugin/definition/storage-handler.ts';
import type { PluginRequest, ServiceCall } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Interceptor } from './interceptor.ts';
import { matchesName } from './matches-name.ts';

/** Rights of certificates. In a pattern `*` stands for any characters. */
export interface AccessRule {
	/** Name of the rule in refusals. */
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

/** Parts `**` of one pattern of topics that are looked at one by one: each may be there or not, so their number doubles the work. */
const maxOpenParts = 6;

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
		const wanted = askedFor(request);
		const own =
			wanted.length === 0 ? [] : rules.filter(({ certificates }) => concerns(certificates, peer.name));
		const asked =
			own.length === 0
				? undefined
				: wanted.find(({ kind, name }) => !own.some((rule) => matchesAny(rule[kind], name)));
		if (!asked) {
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

/** Subjects of a request, as far as rules are concerned: all of them have to be allowed. */
function askedFor(request: PluginRequest): readonly Asked[] {
	const call = request.toolCall ?? request.streamStart;
	if (call) return [{ kind: 'tools', verb: 'call the tool', name: call.toolName ?? '' }];
	if (request.promptGet) {
		return [{ kind: 'prompts', verb: 'use the prompt', name: request.promptGet.promptName ?? '' }];
	}
	if (request.publish) return [toPublish(request.publish.topic)];
	if (request.subscribe) return toSubscribe(request.subscribe.topic);
	if (request.serviceCall?.service === eventsService.name) return askedOfEvents(request.serviceCall);
	const storage = request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
	if (storage)
		return [{ kind: 'storage', verb: 'use the storage', name: storage.storageType || defaultStorageType }];
	return [];
}

/** Subjects of a call of the events service. A value that is no text the service refuses itself. */
function askedOfEvents({ method, arguments: args = {} }: ServiceCall): Asked[] {
	if (method === 'publish') return [toPublish(args.topic)];
	if (method !== 'subscribe' || !Array.isArray(args.topics)) return [];
	return args.topics.flatMap(toSubscribe);
}

function toPublish(topic: unknown): Asked {
	return { kind: 'publish', verb: 'publish', name: typeof topic === 'string' ? topic : '' };
}

/**
 * A pattern also means the topics that are left where a `**` stands for nothing: `jobs.**` means `jobs`, which a rule for `jobs.*` does
 * not allow. One with very many of them is for those who may hear everything.
 */
function toSubscribe(topic: unknown): Asked[] {
	const text = typeof topic === 'string' ? topic : '';
	const open = text.split('.').filter((part) => part === '**').length;
	const meant = new Set([open > maxOpenParts ? '**' : text]);
	for (const pattern of meant) {
		const parts = pattern.split('.');
		for (const [at, part] of parts.entries()) {
			// A set that grows while it is walked through is walked to its new end.
			if (part === '**' && parts.length > 1) meant.add(parts.toSpliced(at, 1).join('.'));
		}
	}
	return [...meant].map((name) => ({ kind: 'subscribe', verb: 'subscribe to', name }));
}

/** Whether a rule is about a certificate: one about a plugin is about that of its client side, too. */
function concerns(patterns: readonly string[], name: string): boolean {
	if (matchesAny(patterns, name)) return true;
	return name.endsWith('-client') && matchesAny(patterns, name.slice(0, -'-client'.length));
}

function matchesAny(patterns: readonly string[], name: string): boolean {
	return patterns.some((pattern) => matchesName(pattern, name));
}

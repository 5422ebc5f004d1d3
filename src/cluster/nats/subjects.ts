import { remembered } from './remembered.ts';

/** Kind of what a call is about, as its subject says. */
export type SubjectKind = 'tool' | 'prompt' | 'storage' | 'service' | 'list';

/** The subject of the first message of an exchange, read. */
export interface CallSubject {
	readonly plugin: string;
	readonly major: string;
	readonly kind: SubjectKind;
	readonly name: string;
	/** The node that calls. */
	readonly from: string;
}

const kinds: ReadonlySet<string> = new Set<SubjectKind>(['tool', 'prompt', 'storage', 'service', 'list']);

/** A name as one part of a subject, and of a key. */
export const token: (name: string) => string = remembered((name) => {
	if (name === '') return '=';
	return name.replace(/[^A-Za-z0-9_-]/gu, (character) =>
		[...new TextEncoder().encode(character)]
			.map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
			.join(''),
	);
});

/** The name of a part; undefined where it is none of ours. */
export function nameOf(part: string): string | undefined {
	if (part === '=') return '';
	if (!part.includes('=')) return part;
	const bytes: number[] = [];
	for (let at = 0; at < part.length; at++) {
		const code = part.charCodeAt(at);
		if (code !== 0x3d) {
			bytes.push(code);
			continue;
		}
		const hex = part.slice(at + 1, at + 3);
		if (!/^[0-9A-F]{2}$/.test(hex)) return undefined;
		bytes.push(Number.parseInt(hex, 16));
		at += 2;
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
	} catch {
		return undefined;
	}
}

/** The part of a version that says whether callers of one fit another: `1` of `1.4.2`. */
export function majorOf(version: string): string {
	return /^v?(\d+)/.exec(version)?.[1] ?? '0';
}

/** Prefix of the subjects at which the server and other nodes answer a node: nobody else may listen there. */
export function inboxOf(node: string): string {
	return `_INBOX_${token(node)}`;
}

/** The subjects and buckets of one cluster. */
export class Subjects {
	readonly prefix: string;
	/** Reads what {@link call} and {@link node} make; undefined for anything else. */
	readonly readCall: (subject: string) => CallSubject | undefined = remembered((subject) =>
		this.#readCall(subject),
	);
	readonly #name: string;

	/** @param name of the cluster: letters, digits, `-` and `_` */
	constructor(name: string) {
		this.#name = name;
		this.prefix = `${name}.v1`;
	}

	/** The name of a bucket or stream. */
	stored(what: 'nodes' | 'plugins' | 'leases' | 'durable'): string {
		return `${this.#name}_v1_${what}`;
	}

	/** Subject of a call for whichever node has the plugin. */
	call(call: CallSubject): string {
		return `${this.prefix}.call.${callTail(call)}`;
	}

	/** Subject of a call for one node. */
	node(node: string, call: CallSubject): string {
		return `${this.prefix}.node.${token(node)}.${callTail(call)}`;
	}

	/** Subject that a node with a plugin hears, and the queue group in which it does. */
	calls(plugin: string, major: string): { subject: string; queue: string } {
		return {
			subject: `${this.prefix}.call.${token(plugin)}.${token(major)}.>`,
			queue: `${token(plugin)}.${token(major)}`,
		};
	}

	/** Subject of calls that are meant for one node alone. */
	callsOf(node: string): string {
		return `${this.prefix}.node.${token(node)}.>`;
	}

	#readCall(subject: string): CallSubject | undefined {
		const rest = subject.slice(this.prefix.length + 1).split('.');
		const parts = (rest[0] === 'node' ? rest.slice(2) : rest.slice(1)).map(nameOf);
		const [plugin, major, kind, name, from] = parts;
		if (parts.length !== 5 || plugin === undefined || major === undefined || kind === undefined)
			return undefined;
		if (!kinds.has(kind) || name === undefined || !from) return undefined;
		return { plugin, major, kind: kind as SubjectKind, name, from };
	}

	/** Subject at which one side of an exchange hears the other. */
	stream(node: string, id: string): string {
		return `${this.prefix}.stream.${token(node)}.${id}`;
	}

	streamsOf(node: string): string {
		return `${this.prefix}.stream.${token(node)}.*`;
	}

	/** Subject of an event that a node publishes. @param kind `event`: best effort; `durable`: kept */
	event(kind: 'event' | 'durable', from: string, topic: string): string {
		return `${this.prefix}.${kind}.${token(from)}.${topic.split('.').map(token).join('.')}`;
	}

	/** Subjects of events that a pattern of topics may fit: what comes there may not fit the pattern. @param from Default: whichever node */
	eventsLike(kind: 'event' | 'durable', pattern: string, from?: string): string[] {
		const parts = pattern.split('.');
		const stars = parts.indexOf('**');
		const all = `${this.prefix}.${kind}.${from === undefined ? '*' : token(from)}`;
		const subject = (some: readonly string[]) =>
			[all, ...some.map((part) => (part === '*' ? part : token(part)))].join('.');
		if (stars < 0) return [subject(parts)];
		const begin = parts.slice(0, stars);
		const below = `${subject(begin)}.>`;
		// The stars may stand for nothing, and nothing may follow them.
		return begin.length > 0 && parts.slice(stars).every((part) => part === '**')
			? [subject(begin), below]
			: [below];
	}

	/** The node and the topic of an event; undefined for anything else. */
	readEvent(subject: string): { from: string; topic: string } | undefined {
		const parts = subject
			.slice(this.prefix.length + 1)
			.split('.')
			.slice(1)
			.map(nameOf);
		const [from, ...topic] = parts;
		if (!from || topic.length === 0 || topic.includes(undefined)) return undefined;
		return { from, topic: topic.join('.') };
	}

	/** Questions to one node. */
	control(node: string, from: string): string {
		return `${this.prefix}.ctl.${token(node)}.${token(from)}`;
	}

	/** The node that asks. */
	readControl(subject: string): string | undefined {
		return nameOf(subject.slice(subject.lastIndexOf('.') + 1));
	}

	controlOf(node: string): string {
		return `${this.prefix}.ctl.${token(node)}.*`;
	}
}

function callTail({ plugin, major, kind, name, from }: CallSubject): string {
	return `${token(plugin)}.${token(major)}.${kind}.${token(name)}.${token(from)}`;
}

import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import { inboxOf, Subjects, token } from '../nats/subjects.ts';
import type { NodeNeeds } from './node-needs.ts';

/** A node, as its configuration says it. */
export interface PermittedNode {
	readonly node: string;
	/** The name of its cluster. */
	readonly cluster: string;
	/** Ids of the plugins that it may run; `*` for whichever. */
	readonly plugins: readonly string[];
	/** The rules that hold for the certificate of the node, if any do: it calls nothing else then. */
	readonly rules: readonly AccessRule[];
	/** Names that its plugins and its clients need; undefined where nobody knows: it may use whichever. */
	readonly needs?: NodeNeeds | undefined;
}

/** Rights of the user of a node. */
export interface NodePermissions {
	readonly publish: readonly string[];
	readonly subscribe: readonly string[];
}

/** Gives the user of a node what it needs, and nothing more. */
export function nodePermissions({ node, cluster, plugins, rules, needs }: PermittedNode): NodePermissions {
	const subjects = new Subjects(cluster);
	const { prefix } = subjects;
	const own = token(node);
	const buckets = (['nodes', 'plugins', 'leases'] as const).map((what) => subjects.stored(what));
	const durable = subjects.stored('durable');
	const streams = [...buckets.map((bucket) => `KV_${bucket}`), durable];
	return {
		publish: [
			...callSubjects(rules, needs).flatMap((tail) => [
				`${prefix}.call.*.*.${tail}.${own}`,
				`${prefix}.node.*.*.*.${tail}.${own}`,
			]),
			`${prefix}.stream.>`,
			...(needs?.publish ?? ['**']).flatMap((topic) => [
				...subjects.eventsLike('event', topic, node),
				...subjects.eventsLike('durable', topic, node),
			]),
			`${prefix}.ctl.*.${own}`,
			`$KV.${buckets[0]}.${own}`,
			`$KV.${buckets[1]}.${own}`,
			`$KV.${buckets[2]}.>`,
			'$JS.API.INFO',
			...streams.flatMap((stream) => [
				`$JS.API.STREAM.INFO.${stream}`,
				`$JS.API.STREAM.CREATE.${stream}`,
				`$JS.API.STREAM.MSG.GET.${stream}`,
				`$JS.API.DIRECT.GET.${stream}`,
				`$JS.API.DIRECT.GET.${stream}.>`,
				`$JS.API.CONSUMER.*.${stream}.>`,
				`$JS.API.CONSUMER.*.${stream}`,
				`$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
				`$JS.ACK.${stream}.>`,
			]),
			'$JS.FC.>',
		],
		subscribe: [
			`${inboxOf(node)}.>`,
			...plugins.map((plugin) => `${prefix}.call.${plugin === '*' ? '*' : token(plugin)}.>`),
			`${prefix}.node.${own}.>`,
			`${prefix}.stream.${own}.*`,
			...(needs?.subscribe.flatMap((topic) => subjects.eventsLike('event', topic)) ?? [`${prefix}.event.>`]),
			`${prefix}.durable.>`,
			`${prefix}.ctl.${own}.*`,
		],
	};
}

const everything: Pick<NodeNeeds, 'tools' | 'prompts' | 'storage'> = {
	tools: ['*'],
	prompts: ['*'],
	storage: ['*'],
};

/** Kind and name of what may be called. A pattern that is no subject stands for all of its kind: the rules themselves are held where the call arrives. */
function callSubjects(rules: readonly AccessRule[], needs: NodeNeeds | undefined): string[] {
	const always = ['service.*', 'list.*'];
	const granted = rules.length > 0 ? rules : [needs ?? everything];
	const of = (kind: string, patterns: readonly string[]) =>
		patterns.map((pattern) => `${kind}.${pattern.includes('*') ? '*' : token(pattern)}`);
	const allowed = granted.flatMap(({ tools, prompts, storage }) => [
		...of('tool', tools),
		...of('prompt', prompts),
		...of('storage', storage),
	]);
	return [...new Set([...allowed, ...always])];
}

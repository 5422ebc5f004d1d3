import type { Connection } from '../../runtime/carrier/carrier.ts';
import { ExecClient } from '../../runtime/exec/exec-client.ts';
import type { ExecResource, ExecSessionInfo } from '../../runtime/services/exec-service.ts';
import type { ServiceCallOptions } from '../../runtime/services/service-client.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OpenedTarget } from '../../toolchain/targets/opened-target.ts';
import type { TargetSession } from '../with-target.ts';

/** A plugin of a target that gives terminals, and a client of them. */
export interface ExecPlace {
	readonly client: ExecClient;
	readonly resources: readonly ExecResource[];
}

/** Codes that peers without terminals answer. */
const hasNone = new Set(['service_not_found', 'unknown_request', 'plugin_unavailable', 'method_not_found']);

/** The plugins of a target that give terminals. Behind an orchestrator there may be several. */
export function execPlaces({ target, signal, timeoutMs, traceParent }: TargetSession): Promise<ExecPlace[]> {
	return execPlacesOf(target.client.connection, pluginsBehind(target), { signal, timeoutMs, traceParent });
}

/** The plugins of a target as they are addressed: by their ids behind an orchestrator, else by none. */
export function pluginsBehind({ orchestrator, how, manifests }: OpenedTarget): (string | undefined)[] {
	// A plugin that we start ourselves is behind an orchestrator of our own.
	return orchestrator || how !== 'connected' ? manifests.map(({ id }) => id) : [undefined];
}

/** Those of some plugins behind a connection that give terminals. @throws OrchestraError `handler_not_found` */
export async function execPlacesOf(
	connection: Connection,
	ids: readonly (string | undefined)[],
	{ signal, timeoutMs, traceParent }: Pick<ServiceCallOptions, 'signal' | 'timeoutMs' | 'traceParent'>,
): Promise<ExecPlace[]> {
	const found = await Promise.all(
		ids.map(async (plugin) => {
			const client = new ExecClient(connection, { plugin, traceParent });
			try {
				const { resources } = await client.service.resources({}, { ...client.options, signal, timeoutMs });
				return { client, resources };
			} catch (error) {
				if (hasNone.has(OrchestraError.from(error, 'internal').code)) return undefined;
				throw error;
			}
		}),
	);
	const places = found.filter((place) => place !== undefined);
	if (places.length > 0) return places;
	throw new OrchestraError('handler_not_found', 'no plugin here gives terminals', {
		hint: 'A plugin gives them by registerExec(); see docs/exec.md.',
	});
}

/** Finds a resource: `RESOURCE` or `PLUGIN/RESOURCE`, or the only one there is. @throws OrchestraError `handler_not_found` */
export async function findResource(
	session: TargetSession,
	word: string | undefined,
): Promise<{ client: ExecClient; resource: ExecResource }> {
	const all = (await execPlaces(session)).flatMap(({ client, resources }) =>
		resources.map((resource) => ({ client, resource })),
	);
	const named = ({ resource: { plugin, resource } }: (typeof all)[number]) => `${plugin}/${resource}`;
	const fitting = all.filter(
		(each) => word === undefined || each.resource.resource === word || named(each) === word,
	);
	const [only] = fitting;
	if (only && fitting.length === 1) return only;
	throw new OrchestraError(
		'handler_not_found',
		only
			? `${word ?? 'the target'} may be ${fitting.map(named).join(' or ')}`
			: `there is no resource ${word} to open a terminal on`,
		{ hint: `There are ${all.map(named).join(', ')}.` },
	);
}

/** Finds a session that runs already. @throws OrchestraError `session_not_found` */
export async function findSession(
	session: TargetSession,
	id: string,
): Promise<{ client: ExecClient; info: ExecSessionInfo }> {
	const { signal, timeoutMs } = session;
	for (const { client } of await execPlaces(session)) {
		const { sessions } = await client.service.list({}, { ...client.options, signal, timeoutMs });
		const info = sessions.find((each) => each.id === id);
		if (info) return { client, info };
	}
	throw new OrchestraError(
		'session_not_found',
		`there is no terminal session ${id}, or it is somebody else’s`,
		{
			hint: '`orchestra exec TARGET --list` shows yours.',
		},
	);
}

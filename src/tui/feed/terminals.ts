import { randomBytes } from 'node:crypto';
import { execPlacesOf } from '../../cli/exec/exec-place.ts';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { Attachment } from '../../runtime/exec/attachment.ts';
import { ExecClient } from '../../runtime/exec/exec-client.ts';
import type { TerminalSize } from '../../runtime/exec/terminal/terminal.ts';
import type { ExecResource, ExecSessionInfo } from '../../runtime/services/exec-service.ts';

/** Milliseconds that a question may take. */
const timeoutMs = 10_000;

/** A terminal that can be watched: a session that runs, or a new one on a resource. */
export type TerminalChoice = {
	/** The plugin to ask, behind an orchestrator. */
	readonly behind: string | undefined;
} & (
	| { readonly kind: 'session'; readonly session: ExecSessionInfo }
	| { readonly kind: 'resource'; readonly resource: ExecResource }
);

/** A terminal that is watched. */
export interface WatchedTerminal {
	readonly attachment: Attachment;
	/** Leaves it; a session goes on. */
	close(): Promise<void>;
}

/** Lists what there is to watch: sessions first, then what new ones can be opened on. @throws OrchestraError `handler_not_found` where no plugin gives terminals */
export async function listTerminals(
	connection: Connection,
	plugins: readonly (string | undefined)[],
): Promise<TerminalChoice[]> {
	const places = await execPlacesOf(connection, plugins, { timeoutMs });
	const lists = await Promise.all(
		places.map(async ({ client }): Promise<TerminalChoice[]> => {
			const { sessions } = await client.service.list({}, { ...client.options, timeoutMs });
			return sessions.map((session) => ({ kind: 'session', behind: client.options.plugin, session }));
		}),
	);
	const resources = places.flatMap(({ client, resources }) =>
		resources
			.filter(({ tty }) => tty)
			.map((resource): TerminalChoice => ({ kind: 'resource', behind: client.options.plugin, resource })),
	);
	return [...lists.flat(), ...resources];
}

/** Attaches to a session, or opens one. Rejects with what it is refused with. */
export async function watchTerminal(
	connection: Connection,
	choice: TerminalChoice,
	size: TerminalSize,
): Promise<WatchedTerminal> {
	const client = new ExecClient(connection, { plugin: choice.behind });
	const close = () => client.close();
	try {
		if (choice.kind === 'session') return { attachment: await client.attach(choice.session.id), close };
		const { plugin, resource } = choice.resource;
		// A name that people can read and type; it is one of many, so that it seldom is taken.
		const id = `${resource.replaceAll(/[^\w.-]/g, '-').slice(0, 48)}-${randomBytes(3).toString('hex')}`;
		return { attachment: await client.open({ plugin, resource, id, ...size }), close };
	} catch (error) {
		await close();
		throw error;
	}
}

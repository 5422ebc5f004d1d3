import type { ExecResource, ExecSessionInfo } from '../../runtime/services/exec-service.ts';
import { formatTable } from '../table.ts';
import { visible } from '../visible-text.ts';

/** Sessions for a person. */
export function formatSessions(sessions: readonly ExecSessionInfo[]): string {
	if (sessions.length === 0) return 'no terminal sessions';
	const rows = sessions.map(({ id, plugin, resource, viewers, outputBytes, createdAt, command }) => [
		id,
		`${plugin}/${resource}`,
		viewers > 0 ? `${viewers} attached` : 'detached',
		`${outputBytes} B`,
		createdAt,
		command.join(' '),
	]);
	return formatTable(
		['SESSION', 'RESOURCE', 'VIEWERS', 'OUTPUT', 'SINCE', 'COMMAND'],
		rows.map((row) => row.map(visible)),
	);
}

/** Lists the resources on which sessions can be opened, for a person. */
export function formatResources(resources: readonly ExecResource[]): string {
	const rows = resources.map(({ plugin, resource, tty, session, command, defaultCommand, description }) => [
		`${plugin}/${resource}`,
		[tty && 'terminal', session && 'pipes', command && 'command'].filter(Boolean).join(', '),
		defaultCommand.join(' '),
		description,
	]);
	return formatTable(
		['RESOURCE', 'GIVES', 'COMMAND', 'DESCRIPTION'],
		rows.map((row) => row.map(visible)),
	);
}

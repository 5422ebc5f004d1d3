import type { ExecHandler } from '../../exec/exec-handler.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** A copy of a handler of terminal sessions that fits beside the others. @throws OrchestraError `invalid_plugin` */
export function checkedExec(
	pluginId: string,
	handler: ExecHandler,
	others: readonly ExecHandler[],
): ExecHandler {
	const { resource, plugin = pluginId } = handler ?? {};
	if (typeof resource !== 'string' || !/^[\w.:-]{1,128}$/.test(resource)) {
		throw new OrchestraError('invalid_plugin', `an exec handler of plugin ${pluginId} has no resource`, {
			hint: 'registerExec() takes { resource, tty, session or command }.',
		});
	}
	if (others.some((other) => other.resource === resource && (other.plugin ?? pluginId) === plugin)) {
		throw new OrchestraError('invalid_plugin', `duplicate exec handler key ${plugin}/${resource}`);
	}
	const kinds = [handler.tty, handler.session, handler.command].filter((kind) => kind !== undefined);
	if (kinds.length === 0 || kinds.some((kind) => typeof kind !== 'function')) {
		throw new OrchestraError('invalid_plugin', `the exec handler ${plugin}/${resource} has no function`, {
			hint: 'It needs one of tty, session and command.',
		});
	}
	return { ...handler };
}

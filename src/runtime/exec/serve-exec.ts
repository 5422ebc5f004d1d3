import type { ExecInput, ExecOutput } from '../services/exec-service.ts';
import { execService } from '../services/exec-service.ts';
import { type ServedService, type ServiceContext, serveService } from '../services/service-server.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { ExecCaller, ExecManager } from './exec-manager.ts';
import { StreamOfSessions } from './stream-of-sessions.ts';

/** Serves the sessions of a manager. Who asks is who the certificate says. */
export function serveExec(manager: ExecManager): ServedService {
	return serveService(execService, {
		resources: () => ({ resources: manager.resources() }),
		list: (_args, { caller }) => ({ sessions: manager.list(caller) }),
		get: ({ session }, { caller }) => manager.get(session, caller),
		create: (input, context) => manager.create(input, callerOf(context)),
		detach: ({ session }, { caller }) => ({ detached: manager.detach(session, caller) }),
		close: async ({ session }, { caller }) => {
			await manager.close(session, caller);
			return {};
		},
		resize: async ({ session, rows, cols }, { caller }) => {
			await manager.resize(session, { rows, cols }, caller);
			return {};
		},
		signal: async ({ session, signal }, { caller }) => ({
			delivered: await manager.signal(session, signal, caller),
		}),
		logs: ({ session }, { caller }) => {
			const { stdout, stderr, missed } = manager.logs(session, caller);
			return { stdout: stdout.toString('base64'), stderr: stderr.toString('base64'), missed };
		},
		stream: (_args, input, context) => streamSessions(manager, input, context),
	});
}

function callerOf({ caller, requestId, traceParent }: ServiceContext): ExecCaller {
	return { caller, requestId, traceParent };
}

/** The sessions that one client watches, until it ends or goes. They go on without it. */
async function* streamSessions(
	manager: ExecManager,
	input: AsyncIterable<ExecInput>,
	context: ServiceContext,
): AsyncGenerator<ExecOutput, void> {
	const stream = new StreamOfSessions(manager, callerOf(context));
	const gone = () => stream.end();
	context.signal.addEventListener('abort', gone, { once: true });
	void (async () => {
		try {
			for await (const message of input) stream.take(message);
			stream.end();
		} catch (error) {
			stream.end(OrchestraError.from(error, 'malformed_message'));
		}
	})();
	try {
		yield* stream.read();
	} finally {
		context.signal.removeEventListener('abort', gone);
		stream.end();
	}
}

import type { GrpcChannel } from '../../grpc/grpc-channel.ts';
import { healthRequestForm, healthResponseForm, healthServing } from '../../grpc/own-messages.ts';
import type { ExitStatus } from '../../platform/exit-status.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { GoPluginBroker } from './go-plugin-broker.ts';

/** The name by which a go-plugin answers for its health. */
const healthService = 'plugin';

/** A go-plugin that runs and is connected, whoever started it. */
export interface GoPluginConnection {
	/** Name for people, in messages. */
	readonly name: string;
	/** The number of its process; undefined where it is not known. */
	readonly pid: number | undefined;
	/** The version of its own protocol that it speaks; undefined where it did not say. */
	readonly version: number | undefined;
	readonly channel: GrpcChannel;
	readonly broker: GoPluginBroker;
	/** Settles when it runs no more, or was let go; with how its process ended, where that is known. Never rejects. */
	readonly ended: Promise<ExitStatus | undefined>;
	/** Cause of a failed call: where the plugin has ended, or ends in a moment, that. */
	failureOf(error: unknown): Promise<unknown>;
	/** Ends what is ours to end. Calls share one stop. */
	stop(): Promise<unknown>;
}

/** Whether a plugin says that it serves. One without the health service counts as healthy. @throws OrchestraError */
export async function healthOf(
	{ channel, name }: Pick<GoPluginConnection, 'channel' | 'name'>,
	options: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
	try {
		const request = healthRequestForm.encode({ service: healthService });
		const subject = `the health of ${name}`;
		const answer = await channel.unary('/grpc.health.v1.Health/Check', request, {
			subject,
			named: true,
			...options,
		});
		return healthResponseForm.decode(answer).status === healthServing;
	} catch (error) {
		if (error instanceof OrchestraError && error.code === 'method_not_found') return true;
		throw error;
	}
}

/** Whether a call failed because the connection below it did: not because of what the plugin or the caller said. */
export function isLostCall(error: unknown): boolean {
	if (!(error instanceof OrchestraError)) return false;
	const { code, details } = error;
	if (code === 'connection_closed') return true;
	return (code === 'connection_lost' || code === 'cancelled') && details?.grpcStatus !== undefined;
}

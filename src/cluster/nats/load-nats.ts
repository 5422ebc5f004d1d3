import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** The parts of the client of NATS. */
export interface NatsModules {
	readonly transport: typeof import('@nats-io/transport-node');
	readonly jetstream: typeof import('@nats-io/jetstream');
	readonly kv: typeof import('@nats-io/kv');
}

/** Loads the client of NATS, which comes with no installation of ours. @throws OrchestraError `cluster_unavailable` */
export async function loadNats(): Promise<NatsModules> {
	try {
		const [transport, jetstream, kv] = await Promise.all([
			import('@nats-io/transport-node'),
			import('@nats-io/jetstream'),
			import('@nats-io/kv'),
		]);
		return { transport, jetstream, kv };
	} catch (error) {
		throw new OrchestraError(
			'cluster_unavailable',
			'a cluster needs the client of NATS, which is not installed',
			{
				hint: 'Run: npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv, beside orchestra-toolchain.',
				cause: error,
			},
		);
	}
}

import { resolveCertsDir } from '../../runtime/identity/directory/certs-dir.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { hostIdentity } from './host-identity.ts';
import { launchHosted } from './launch-hosted.ts';
import type { OpenedTarget, OpenTargetOptions } from './open-target.ts';
import type { Target } from './target.ts';

/** Starts the process of a plugin and connects to it over mutual TLS, with an orchestrator behind us that it can call. */
export async function openSpawned(
	target: Exclude<Target, { kind: 'address' }>,
	options: OpenTargetOptions,
): Promise<OpenedTarget> {
	const certsDir = resolveCertsDir(options.certsDir);
	const carrier = options.carrier ?? 'quic';
	const identity = await hostIdentity(certsDir, options.onLog);
	const orchestrator = new Orchestrator({ identity, onLog: options.onLog });
	try {
		await orchestrator.listen({ carrier, host: '127.0.0.1', port: 0 });
		const { launched, hosted } = await launchHosted(target, orchestrator, { ...options, certsDir, carrier });
		const close = () => orchestrator.stop();
		return {
			how: 'spawned',
			client: launched.client,
			manifests: [hosted.manifest],
			extensions: launched.description !== undefined,
			orchestrator: false,
			software: launched.description?.software ?? '',
			close,
			[Symbol.asyncDispose]: close,
		};
	} catch (error) {
		await orchestrator.stop();
		throw error;
	}
}

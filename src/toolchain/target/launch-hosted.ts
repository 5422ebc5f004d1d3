import { basename } from 'node:path';
import { formatAddress, formatHostPort } from '../../runtime/carrier/address.ts';
import { launchPlugin } from '../../runtime/launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../../runtime/launching/launched-plugin.ts';
import { hostLaunched } from '../../runtime/orchestrator/host-launched.ts';
import type { HostedPlugin } from '../../runtime/orchestrator/hosted-plugin.ts';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { OpenTargetOptions } from './open-target.ts';
import { pluginCommand } from './plugin-command.ts';
import type { Target } from './target.ts';

/** How a process is launched for an orchestrator. */
export interface LaunchHostedOptions
	extends Pick<OpenTargetOptions, 'timeoutMs' | 'signal' | 'onLog' | 'onOutput'> {
	readonly certsDir: string;
	readonly carrier: 'quic' | 'tcp';
}

/**
 * Starts the process of a plugin, connected to an orchestrator in both directions, and has the orchestrator route to it. The
 * orchestrator stops it.
 *
 * @throws OrchestraError what {@link launchPlugin} and {@link Orchestrator.add} throw; the process is gone then
 */
export async function launchHosted(
	target: Exclude<Target, { kind: 'address' }>,
	orchestrator: Orchestrator,
	options: LaunchHostedOptions,
): Promise<{ launched: LaunchedPlugin; hosted: HostedPlugin }> {
	const label = basename(target.kind === 'module' ? target.folder : target.path);
	const launched = await launchPlugin({
		...(await pluginCommand(target)),
		certsDir: options.certsDir,
		carrier: options.carrier,
		orchestratorAddr: orchestratorAddr(orchestrator),
		readyTimeoutMs: options.timeoutMs,
		signal: options.signal,
		inheritEnv: true,
		onOutput: (line) => options.onOutput(label, line),
	});
	let hosted: HostedPlugin;
	try {
		hosted = await hostLaunched(launched, orchestrator.registrations.get(launched.id), options.onLog);
	} catch (error) {
		await launched.stop();
		throw error;
	}
	await orchestrator.add(hosted, launched.connection);
	return { launched, hosted };
}

/** What a plugin gets as its orchestrator: the Go side knows `host:port` only, which means QUIC; ours knows URLs too. */
function orchestratorAddr(orchestrator: Orchestrator): string | undefined {
	const { addresses } = orchestrator;
	const quic = addresses.find((address) => address.carrier === 'quic');
	if (quic) return formatHostPort(quic);
	const tcp = addresses.find((address) => address.carrier === 'tcp');
	return tcp && formatAddress(tcp);
}

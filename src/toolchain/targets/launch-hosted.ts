import { basename } from 'node:path';
import { launchPlugin } from '../../runtime/launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../../runtime/launching/launched-plugin.ts';
import { hostLaunched } from '../../runtime/orchestrator/host-launched.ts';
import type { HostedPlugin } from '../../runtime/orchestrator/hosted-plugin.ts';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import type { OpenTargetOptions } from './open-target.ts';
import { pluginAddress } from './plugin-address.ts';
import { pluginCommand } from './plugin-command.ts';
import type { Target } from './target.ts';

/** Milliseconds that a core peer has to register once it is ready: it tells its whole manifest nowhere else. */
const registrationTimeoutMs = 5_000;

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
	const behind = pluginAddress(orchestrator);
	const { registrations } = orchestrator;
	let named: string | undefined;
	const launched = await launchPlugin({
		...(await pluginCommand(target)),
		certsDir: options.certsDir,
		carrier: options.carrier,
		orchestratorAddr: behind,
		readyTimeoutMs: options.timeoutMs,
		signal: options.signal,
		inheritEnv: true,
		onOutput: (line) => options.onOutput(label, line),
		refuseId(id) {
			if (registrations.knows(id)) return 'a plugin of that id runs already';
			named = id;
			registrations.starting(id);
			return undefined;
		},
		onIdentityProblem: ({ message }) =>
			options.onLog({
				level: 'warn',
				plugin: named ?? label,
				message: `its certificate stays as it is: ${message}`,
			}),
	}).catch((error: unknown) => {
		if (named !== undefined) registrations.delete(named);
		throw error;
	});
	let hosted: HostedPlugin;
	try {
		hosted = await hostLaunched(launched, await registration(launched), options.onLog);
	} catch (error) {
		await launched.stop();
		throw error;
	}
	await orchestrator.add(hosted, launched.connection);
	return { launched, hosted };

	async function registration({
		id,
		description,
		exited,
	}: LaunchedPlugin): Promise<PluginManifest | undefined> {
		void exited.then(() => registrations.delete(id));
		if (description || !behind) return registrations.get(id);
		const manifest = await registrations.expect(id, registrationTimeoutMs, exited);
		if (!manifest) {
			const message = `${id} did not register: of its manifest only the tools are known`;
			options.onLog({ level: 'warn', plugin: id, message });
		}
		return manifest;
	}
}

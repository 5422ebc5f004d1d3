import { type EnvironmentOptions, pluginEnvironment } from '../plugin-environment.ts';
import type { GoPluginSettings } from './go-plugin-settings.ts';

/** Ports that a plugin may listen on where it uses TCP: go-plugin's own defaults. */
const ports = { min: '10000', max: '25000' };

/** Variables that only the plugins of our own process contract read. */
const ownVariables = ['ORCHESTRA_PARENT_WATCH', 'ORCHESTRA_CARRIER', 'ORCHESTRA_CERTS_DIR'];

/** Names that mean something to go-plugin: what the host itself was told is not for its plugins. */
const goPluginVariables = [
	'PLUGIN_MIN_PORT',
	'PLUGIN_MAX_PORT',
	'PLUGIN_PROTOCOL_VERSIONS',
	'PLUGIN_CLIENT_CERT',
	'PLUGIN_MULTIPLEX_GRPC',
	'PLUGIN_UNIX_SOCKET_DIR',
	'PLUGIN_UNIX_SOCKET_GROUP',
];

/**
 * The environment of a go-plugin: what any plugin sees ({@link pluginEnvironment}), its host's cookie, and what go-plugin's hosts
 * say.
 *
 * @param socketDir where it makes its socket: a folder of this launch
 * @param certificatePem ours, for AutoMTLS; undefined for a connection in the clear
 */
export function hostEnvironment(
	settings: GoPluginSettings,
	options: EnvironmentOptions,
	socketDir: string,
	certificatePem: string | undefined,
	host: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
	const environment = pluginEnvironment(options, host);
	for (const name of [...ownVariables, ...goPluginVariables]) delete environment[name];
	return {
		...environment,
		[settings.cookie.key]: settings.cookie.value,
		PLUGIN_MIN_PORT: ports.min,
		PLUGIN_MAX_PORT: ports.max,
		PLUGIN_PROTOCOL_VERSIONS: settings.versions.join(','),
		PLUGIN_UNIX_SOCKET_DIR: socketDir,
		...(certificatePem === undefined ? {} : { PLUGIN_CLIENT_CERT: certificatePem }),
	};
}

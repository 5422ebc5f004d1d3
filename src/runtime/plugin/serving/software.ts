/** Name and version of this runtime in `describe`. A test holds it against package.json. */
export const softwareName = 'orchestra-toolchain/0.1.0';

/** Its version alone. */
export const softwareVersion = softwareName.slice(softwareName.indexOf('/') + 1);

/** The extensions of the protocol that a plugin served by this runtime understands. docs/protocol.md explains each. */
export const pluginExtensions: readonly string[] = [
	'describe',
	'error_info',
	'progress',
	'output',
	'timeout_ms',
	'cancel',
	'stream_window',
	'streaming_tools',
	'service_call',
];

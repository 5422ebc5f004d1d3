import type { LaunchCertificate } from '../../identity/x509/launch-certificate.ts';

/** Facts that a Go host gives a plugin in its environment. */
export interface GoHost {
	/** The versions of the plugin's own protocol that it speaks; empty where it does not say. */
	readonly versions: readonly number[];
	/** Its certificate of this launch, PEM; undefined where it wants none (no AutoMTLS). */
	readonly certificatePem: string | undefined;
	/** Folder in which the plugin is to make its socket; undefined for one of its own choice. */
	readonly socketDir: string | undefined;
	readonly minPort: number;
	readonly maxPort: number;
	/** Whether it knows the seventh field of the handshake. */
	readonly knowsMultiplexing: boolean;
}

/** Reads what a Go host says; undefined where the cookie is not there: whoever started us is no such host. */
export function readGoHost(
	cookie: { readonly key: string; readonly value: string },
	environment: NodeJS.ProcessEnv = process.env,
): GoHost | undefined {
	if (environment[cookie.key] !== cookie.value) return undefined;
	const port = (name: string) => Number.parseInt(environment[name] ?? '', 10) || 0;
	return {
		versions: (environment.PLUGIN_PROTOCOL_VERSIONS ?? '')
			.split(',')
			.filter((text) => /^\d+$/.test(text))
			.map(Number),
		certificatePem: environment.PLUGIN_CLIENT_CERT || undefined,
		socketDir: environment.PLUGIN_UNIX_SOCKET_DIR || undefined,
		minPort: port('PLUGIN_MIN_PORT'),
		maxPort: port('PLUGIN_MAX_PORT'),
		knowsMultiplexing: (environment.PLUGIN_MULTIPLEX_GRPC ?? '') !== '',
	};
}

/** The version that is spoken: the highest that both have. Where there is none our lowest, which the host refuses with both named. */
export function chooseProtocolVersion(own: readonly number[], host: GoHost): number {
	const sorted = [...own].sort((a, b) => b - a);
	return sorted.find((version) => host.versions.includes(version)) ?? sorted.at(-1) ?? 1;
}

/** The line with which a plugin says that it listens. */
export function handshakeLine(
	host: GoHost,
	facts: {
		readonly version: number;
		readonly network: 'unix' | 'tcp';
		readonly address: string;
		readonly certificate: LaunchCertificate | undefined;
	},
): string {
	const { version, network, address, certificate } = facts;
	const der = certificate?.certificatePem.replace(/-----[^-]+-----|\s/g, '').replace(/=+$/, '') ?? '';
	const fields = ['1', version, network, address, 'grpc', der];
	// That several side channels share one connection is not offered.
	return [...fields, ...(host.knowsMultiplexing ? ['false'] : [])].join('|');
}

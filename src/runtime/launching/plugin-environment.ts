import { hasDescriptors, lineDescriptors, lineVariable } from '../carrier/fd/line-descriptors.ts';

/**
 * Variables of its host's environment that a plugin needs to run at all: where programs, home and temporary files are, the language,
 * how to print, where libraries, roots of trust and proxies are, and where this software keeps its files. Not in it: tokens, passwords,
 * proxies with credentials, and `NODE_OPTIONS`, with which the plugin would do what its host was told to do.
 */
const passedOn = new Set([
	'PATH',
	'HOME',
	'USER',
	'LOGNAME',
	'SHELL',
	'LANG',
	'LANGUAGE',
	'TZ',
	'TMPDIR',
	'TMP',
	'TEMP',
	'TERM',
	'COLORTERM',
	'NO_COLOR',
	'FORCE_COLOR',
	'CI',
	'XDG_CACHE_HOME',
	'XDG_CONFIG_HOME',
	'XDG_DATA_HOME',
	'XDG_STATE_HOME',
	'XDG_RUNTIME_DIR',
	'DENO_DIR',
	'LD_LIBRARY_PATH',
	'DYLD_LIBRARY_PATH',
	'SSL_CERT_FILE',
	'SSL_CERT_DIR',
	'NODE_EXTRA_CA_CERTS',
	'DENO_CERT',
	'DENO_TLS_CA_STORE',
	'NODE_ENV',
	'NO_PROXY',
	'ORCHESTRA_CACHE_DIR',
	'ORCHESTRA_CERTS_DIR',
	'ORCHESTRA_HOME',
	'ORCHESTRA_LOG',
	'ORCHESTRA_LOG_FORMAT',
	'ORCHESTRA_QUIC_BINDING',
	// Windows: nothing starts without these.
	'SYSTEMROOT',
	'WINDIR',
	'COMSPEC',
	'PATHEXT',
	'APPDATA',
	'LOCALAPPDATA',
	'PROGRAMDATA',
	'USERPROFILE',
]);

/** Proxies are passed on where they hold no credentials. */
const proxies = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'FTP_PROXY']);

function isHarmless(name: string, value: string): boolean {
	const upper = name.toUpperCase();
	if (proxies.has(upper)) return !value.includes('@');
	if (upper.startsWith('OTEL_')) return isHarmlessTelemetry(upper, value);
	return passedOn.has(upper) || upper.startsWith('LC_');
}

/**
 * Whether a variable only tells where spans and metrics go. Not: headers and keys, which are secrets, addresses with credentials, and the name of a service,
 * which is this process's.
 */
function isHarmlessTelemetry(name: string, value: string): boolean {
	if (name === 'OTEL_SERVICE_NAME' || /HEADERS|KEY|TOKEN|PASSWORD|SECRET/.test(name)) return false;
	return !value.includes('@');
}

/** Carrier over which a plugin that is started may be reached. */
export type LaunchCarrier = 'fd' | 'quic' | 'tcp';

/** Whether a plugin is given descriptors. */
export function isOnLine({ carrier }: Pick<EnvironmentOptions, 'carrier'>): boolean {
	return carrier === 'fd' && hasDescriptors();
}

/** Options for a plugin's environment. */
export interface EnvironmentOptions {
	/** Variables of the plugin's own; they win over what is passed on. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/**
	 * Part of the host's environment that the plugin sees besides the harmless variables: all of it, secrets too, or the variables of
	 * these names. Default false: nothing.
	 */
	readonly inheritEnv?: boolean | readonly string[] | undefined;
	/**
	 * The carrier that the plugin is asked for: `quic` and `tcp` to listen on, `fd` for descriptors that it inherits, where the system has
	 * them. A plugin that does not know those listens. Default: its own choice, on a port.
	 */
	readonly carrier?: LaunchCarrier | undefined;
	/**
	 * Give the plugin a certificate for this launch over its stdin, rather than the certificates directory with the key of the
	 * authority in it. For plugins that know how to ask for it: those that this software runs. Default false.
	 */
	readonly oneTimeIdentity?: boolean | undefined;
}

/**
 * The environment of a plugin's process: of the host's only a short list of harmless variables (`PATH`, `HOME`, `LANG` and
 * `LC_*`, `TMPDIR`, …), so that one plugin's secret is not every plugin's; then `env`; then what the host has to say itself:
 *
 * - `ORCHESTRA_PARENT_WATCH=stdin`: end when stdin does, for then the host has gone;
 * - `ORCHESTRA_CARRIER`: what to listen on;
 * - `ORCHESTRA_DESCRIPTORS`: do not listen, the host is on these descriptors;
 * - `ORCHESTRA_IDENTITY=stdin`: say `IDENTIFY <id>`, and read the certificate from stdin. Such a plugin is not told where
 *   certificates are, either.
 *
 * A plugin that knows neither ignores them.
 */
export function pluginEnvironment(
	options: EnvironmentOptions,
	host: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
	const environment: Record<string, string> = {};
	const { inheritEnv = false } = options;
	const inherits = (name: string) =>
		typeof inheritEnv === 'boolean' ? inheritEnv : inheritEnv.includes(name);
	for (const [name, value] of Object.entries(host)) {
		if (value === undefined) continue;
		if (inherits(name) || isHarmless(name, value)) environment[name] = value;
	}
	Object.assign(environment, options.env);
	environment.ORCHESTRA_PARENT_WATCH = 'stdin';
	// Variables with which the host itself was started are not for its plugins.
	delete environment.ORCHESTRA_IDENTITY;
	if (options.oneTimeIdentity) {
		environment.ORCHESTRA_IDENTITY = 'stdin';
		delete environment.ORCHESTRA_CERTS_DIR;
	}
	delete environment[lineVariable];
	if (isOnLine(options)) {
		environment[lineVariable] = `${lineDescriptors.toProcess},${lineDescriptors.toHost}`;
	} else if (options.carrier && options.carrier !== 'fd') environment.ORCHESTRA_CARRIER = options.carrier;
	return environment;
}

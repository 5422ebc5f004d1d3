import { assertCertificateName } from '../../identity/certificate-name.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Names of tools and prompts: 1 to 128 letters, digits, `_`, `-` or `.`, as MCP has it too. */
const handlerName = /^[A-Za-z0-9_.-]{1,128}$/;

/** Certificates of hosts, and of a plugin's own client side, have these names. */
const reservedId = /^orchestrator(?:$|-to-)|^orchestra-host$|-client$/i;

/**
 * Checks the id of a plugin: what can name a certificate, except the names that hosts and the plugins' client sides use.
 *
 * @throws OrchestraError `invalid_plugin`
 */
export function assertPluginId(id: string): void {
	const hint = 'Use letters, digits, ".", "_" or "-", such as "tools.weather".';
	try {
		assertCertificateName(id);
	} catch (error) {
		const text = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
		throw new OrchestraError('invalid_plugin', `the plugin id is wrong: ${text}`, { hint, cause: error });
	}
	if (reservedId.test(id)) {
		throw new OrchestraError(
			'invalid_plugin',
			`the plugin id ${JSON.stringify(id)} is wrong: it is the name of another certificate`,
			{ hint: 'An id is not "orchestrator", does not begin with "orchestrator-to-" or end with "-client".' },
		);
	}
}

/** @throws OrchestraError `invalid_plugin` */
export function assertHandlerName(kind: 'tool' | 'prompt', name: string, pluginId: string): void {
	if (typeof name === 'string' && handlerName.test(name)) return;
	throw new OrchestraError(
		'invalid_plugin',
		`plugin ${pluginId} cannot have a ${kind} called ${JSON.stringify(name) ?? String(name)}`,
		{ hint: 'A name has 1 to 128 letters, digits, "_", "-" or ".".' },
	);
}

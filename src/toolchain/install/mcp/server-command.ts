import { homedir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import type { McpSettings } from '../../../runtime/hosting/mcp/mcp-settings.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { ownRuntime } from '../../find-runtime.ts';
import type { InstalledServer, ServerSetting } from './installed-server.ts';

/** Command that starts an installed MCP server now. */
export interface ServerCommand {
	readonly settings: Extract<McpSettings, { command: string }>;
	readonly env: Readonly<Record<string, string>>;
}

/**
 * Fills in what an installed MCP server is started with: its folder, and what the user has set.
 *
 * @param environment where the variables of its settings are looked up
 * @throws OrchestraError `setting_missing`
 */
export function serverCommand(
	id: string,
	{ command, args, env, settings }: InstalledServer,
	folder: string,
	environment: Readonly<Record<string, string | undefined>>,
): ServerCommand {
	const missing = settings.filter((one) => one.required && !one.default && !environment[one.variable]);
	if (missing.length > 0) {
		const names = missing.map(({ variable }) => variable);
		throw new OrchestraError('setting_missing', `${id} needs ${names.join(', ')} in its environment`, {
			hint: missing.map(({ variable, title }) => `${variable}: ${title}`).join('\n'),
			details: { id, variables: names },
		});
	}
	const fixed = new Map([
		['__dirname', folder],
		['HOME', homedir()],
		['DESKTOP', join(homedir(), 'Desktop')],
		['DOCUMENTS', join(homedir(), 'Documents')],
		['DOWNLOADS', join(homedir(), 'Downloads')],
		['pathSeparator', sep],
		['/', sep],
	]);
	const fillWith = (known: ReadonlyMap<string, string>, text: string) =>
		text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => known.get(name) ?? whole);
	// A value that a user sets is taken as it is; the default in its place may name a folder of theirs.
	const values = new Map(
		settings.map((one) => {
			const otherwise = (one.default ?? []).map((text) => fillWith(fixed, text));
			return [`user_config.${one.name}`, valuesOf(one, environment) ?? otherwise];
		}),
	);
	const known = new Map([
		...fixed,
		...[...values].map(([name, list]) => [name, list.join(delimiter)] as const),
	]);
	const fill = (text: string) => fillWith(known, text);
	const filledArgs = args.flatMap((arg) => {
		// One that may have several values becomes as many arguments.
		const [, name = ''] = /^\$\{(user_config\.[^}]+)\}$/.exec(arg) ?? [];
		return values.get(name) ?? [fill(arg)];
	});
	const filledEnv = Object.entries(env)
		.map(([name, text]) => [name, fill(text)] as const)
		// Nothing was set, and nothing is needed: the server does without.
		.filter(([, text]) => text !== '');
	return {
		// Its scripts run on the Node that runs us: it may be on no path.
		settings: {
			command: command === 'node' && ownRuntime === 'node' ? process.execPath : fill(command),
			args: filledArgs,
		},
		env: Object.fromEntries(filledEnv),
	};
}

function valuesOf(
	{ variable, multiple }: ServerSetting,
	environment: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
	const text = environment[variable];
	if (!text) return undefined;
	return multiple ? text.split(delimiter).filter((part) => part !== '') : [text];
}

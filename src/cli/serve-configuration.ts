import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { Configuration } from '../toolchain/configuration/configuration.ts';
import type { ConfigurationFault } from '../toolchain/configuration/configuration-fault.ts';
import { formatConfigurationFault } from '../toolchain/configuration/configuration-fault.ts';
import { configurationNames, findConfiguration } from '../toolchain/configuration/find-configuration.ts';
import { shownPath } from '../toolchain/shown-path.ts';

/** The words of `serve --config`: a configuration file, and what plugins are booted with. */
export interface ServeConfigWords {
	readonly file: string | undefined;
	/** Words of a boot configuration: `key=value` and `@file`. */
	readonly boot: string[];
}

/**
 * Tells the words of `--config` apart: `key=value` and `@file` are for the boot configuration, anything else is a configuration file.
 *
 * @throws OrchestraError `usage` for two files
 */
export function splitConfigWords(words: readonly string[] = []): ServeConfigWords {
	const boot = words.filter((word) => word.startsWith('@') || word.includes('='));
	const [file, second] = words.filter((word) => !boot.includes(word));
	if (second !== undefined) {
		throw new OrchestraError('usage', `--config names two files: ${file} and ${second}`, {
			hint: 'A server has one configuration file.',
		});
	}
	return { file, boot };
}

/**
 * The configuration file of `serve`: the one that is named, else, where no target is, the one in the working folder.
 *
 * @throws OrchestraError `usage` where there is nothing to serve, or both a file and targets
 */
export function configurationFile(named: string | undefined, targets: readonly string[]): string | undefined {
	if (named !== undefined && targets.length > 0) {
		throw new OrchestraError(
			'usage',
			`${named} names the plugins already: ${targets.join(' ')} is too much`,
			{
				hint: `Add them to ${named}, or leave the file out.`,
			},
		);
	}
	if (named !== undefined || targets.length > 0) return named;
	const found = findConfiguration(process.cwd());
	if (found !== undefined) return found;
	throw new OrchestraError('usage', 'there is nothing to serve: no target, and no configuration file here', {
		hint: `Name folders, modules or executables, or write one of ${configurationNames.join(', ')}.`,
	});
}

/** A warning about a configuration file, with its place. */
export function formatWarning({ file }: Configuration, warning: ConfigurationFault): string {
	return formatConfigurationFault(shownPath(file, process.cwd()), warning);
}

/** Notices for a person before a file of the Go orchestrator is served: what is as there, and what is not. */
export function goNotices({ rules, plugins }: Configuration): string[] {
	if (!rules.plainTcpClients) return [];
	const inheriting = plugins.some(({ enabled, process }) => enabled && process.inheritEnv === true);
	return [
		...(inheriting
			? ['as with the Go orchestrator, its plugins see all environment variables of this process']
			: []),
		'unlike with the Go orchestrator, TCP has mutual TLS: for clients on this machine that know none, add --listen tcp+plain://127.0.0.1:PORT',
	];
}

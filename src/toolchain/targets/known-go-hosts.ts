import { basename } from 'node:path';
import type { GoPluginSettings } from '../../runtime/launching/go-plugin/go-plugin-settings.ts';

/** A program whose plugins are known by their file names. Cookies are no secrets: they stand in the sources of host and plugins. */
interface KnownHost extends Pick<GoPluginSettings, 'cookie' | 'versions'> {
	readonly files: RegExp;
}

const knownHosts: readonly KnownHost[] = [
	{
		files: /^terraform-provider-/,
		cookie: {
			key: 'TF_PLUGIN_MAGIC_COOKIE',
			value: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
		},
		versions: [5, 6],
	},
	{
		files: /^tflint-ruleset-/,
		cookie: {
			key: 'TFLINT_RULESET_PLUGIN',
			value: '5adSn1bX8nrDfgBqiAqqEkC6OE1h3iD8SqbMc5UUONx8x3xCF0KlPDsBRNDjoYDP',
		},
		versions: [10, 11],
	},
	{
		files: /^nomad-(driver|device)-/,
		cookie: {
			key: 'NOMAD_PLUGIN_MAGIC_COOKIE',
			value: 'e4327c2e01eabfd75a8a67adb114fb34a757d57eee7728d857a8cec6e91a7255',
		},
		versions: [1],
	},
	{
		files: /^vault-plugin-/,
		cookie: { key: 'VAULT_BACKEND_PLUGIN', value: '6669da05-b1c8-4f49-97d9-c8e5bed98e20' },
		versions: [3, 4],
	},
	{
		files: /^console-plugin-/,
		cookie: { key: 'CONSOLE_PLUGIN', value: 'console-plugin-v1' },
		versions: [1],
	},
];

/** Settings for a plugin of a well-known program; undefined for any other file. */
export function knownGoHost(file: string): Pick<GoPluginSettings, 'cookie' | 'versions'> | undefined {
	const found = knownHosts.find(({ files }) => files.test(basename(file)));
	return found && { cookie: found.cookie, versions: found.versions };
}

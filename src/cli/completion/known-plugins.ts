import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import type { Plugin } from '../../runtime/plugin/definition/plugin.ts';
import { findLock, readLock } from '../../toolchain/install/project/lock-file.ts';
import { readIntegrity } from '../../toolchain/install/store/integrity.ts';
import { pluginStore } from '../../toolchain/install/store/plugin-store.ts';
import { Registry } from '../../toolchain/install/store/registry.ts';
import { resolveTarget } from '../../toolchain/targets/resolve-target.ts';
import type { Target } from '../../toolchain/targets/target.ts';
import type { Candidate, KnownPlugins, KnownPrompt, KnownTool } from './candidate.ts';

/** Milliseconds that a running server has for its answer: somebody waits with a finger on the key. */
const askTimeoutMs = 1000;

/**
 * Plugins that are known without starting one: the installed ones by the registry; the module of a folder where it was compiled before and
 * is as it was, so that the key runs no code which its user has not run before; a running server where there is a certificate
 * to ask it with. Programs are never started.
 */
export const knownPlugins: KnownPlugins = {
	ids: installedIds,
	certificates(certsDir) {
		return attempt([], () =>
			readdirSync(resolveCertsDir(certsDir))
				.filter((name) => name.endsWith('.crt'))
				.map((name) => basename(name, '.crt')),
		);
	},
	async tools(word, certsDir): Promise<readonly KnownTool[]> {
		const target = attempt(undefined, () => resolveTarget(word));
		const known = await pluginOf(target);
		if (known) {
			return [...known.tools.values()].map(({ name, description, input }) => ({
				name,
				description,
				schema: input.jsonSchema,
			}));
		}
		if (target?.kind === 'address') {
			const listed = await ask(target, certsDir, (client, options) => client.listTools(options));
			return (listed ?? []).map(({ name, description, inputSchema }) => ({
				name,
				description,
				schema: inputSchema,
			}));
		}
		return installedTools(word);
	},
	async prompts(word, certsDir): Promise<readonly KnownPrompt[]> {
		const target = attempt(undefined, () => resolveTarget(word));
		const known = await pluginOf(target);
		if (known) {
			return [...known.prompts.values()].map(({ name, description, arguments: args }) => ({
				name,
				description,
				arguments: args,
			}));
		}
		return (await ask(target, certsDir, (client, options) => client.listPrompts(options))) ?? [];
	},
};

function installedIds(): Candidate[] {
	return attempt([], () => {
		const ids = new Map<string, Candidate>();
		for (const { id, description } of Registry.read(pluginStore()).entries.values()) {
			ids.set(id, { word: id, about: description });
		}
		const project = findLock(process.cwd());
		for (const id of project === undefined ? [] : readLock(project).keys()) {
			if (!ids.has(id)) ids.set(id, { word: id });
		}
		return [...ids.values()];
	});
}

/** The names that were noted when it was installed. */
function installedTools(id: string): KnownTool[] {
	return attempt([], () => {
		const store = pluginStore();
		const entry = [...Registry.read(store).entries.values()].find((one) => one.id === id);
		const record = [...readIntegrity(store).values()].find(({ manifest }) => manifest.id === id);
		const names = record?.manifest.provides_tools ?? entry?.provides_tools ?? [];
		return names.map((name) => ({ name }));
	});
}

async function pluginOf(target: Target | undefined): Promise<Plugin | undefined> {
	if (target?.kind !== 'module') return undefined;
	try {
		const [{ compiledBefore }, { importPlugin }] = await Promise.all([
			import('../../toolchain/load/compile-module.ts'),
			import('../../toolchain/load/load-plugin.ts'),
		]);
		const file = compiledBefore(target.entry);
		return file === undefined ? undefined : await importPlugin(file, target.entry);
	} catch {
		return undefined;
	}
}

async function ask<T>(
	target: Target | undefined,
	certsDir: string | undefined,
	question: (client: PluginClient, options: { timeoutMs: number }) => Promise<T>,
): Promise<T | undefined> {
	if (target?.kind !== 'address') return undefined;
	try {
		const [{ dial }, { createClient }, { loadIdentity }] = await Promise.all([
			import('../../runtime/carrier/network-carrier.ts'),
			import('../../runtime/client/plugin-client.ts'),
			import('../../runtime/identity/directory/load-identity.ts'),
		]);
		const identity =
			target.address.carrier === 'tcp+plain'
				? { name: 'cli', certificatePem: '', privateKeyPem: '', caPem: '' }
				: await loadIdentity(resolveCertsDir(certsDir), 'cli');
		const client = createClient(await dial(target.address, { identity, timeoutMs: askTimeoutMs }));
		try {
			return await question(client, { timeoutMs: askTimeoutMs });
		} finally {
			await client.close();
		}
	} catch {
		return undefined;
	}
}

/** Whatever is wrong on the disk, the key shows less. */
function attempt<T>(otherwise: T, read: () => T): T {
	try {
		return read();
	} catch {
		return otherwise;
	}
}

import { Args, Flags } from '@oclif/core';
import type { StorageOptions } from '../runtime/client/storage-client.ts';
import { settlesWithin } from '../runtime/launching/settles-within.ts';
import { defaultStorageType } from '../runtime/plugin/definition/storage-handler.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { targetFlags } from './target-flags.ts';
import type { TargetSession } from './with-target.ts';

/** Milliseconds that a core peer gets to register, which is how it says what it stores. */
const registrationMs = 2_000;

/** The flags of every command on a storage. */
export const storageFlags = {
	type: Flags.string({
		description: 'Which storage. [default: the only one of the target, else markdown]',
		helpValue: 'TYPE',
	}),
	...targetFlags,
};

export const targetArgument = Args.string({
	description: 'Whose storage: a path or an address.',
	required: true,
});

export const pathArgument = Args.string({ description: 'The path of the entry.', required: true });

/**
 * What a request to the storage of a target is sent with.
 *
 * @throws OrchestraError `usage` where the target has several storages, none of them the default, and none was named
 */
export async function storageOptions(
	{ target, signal, timeoutMs }: TargetSession,
	type: string | undefined,
): Promise<StorageOptions> {
	const options = { signal, timeoutMs };
	if (type !== undefined) return { ...options, storageType: type };
	if (target.registered) await settlesWithin(target.registered, registrationMs);
	const types = [...new Set(target.manifests.flatMap(({ providesStorage }) => providesStorage ?? []))];
	if (types.length > 1 && !types.includes(defaultStorageType)) {
		throw new OrchestraError('usage', `it has several storages: ${types.join(', ')}`, {
			hint: `Name one: --type ${types[0]}.`,
			details: { types },
		});
	}
	return { ...options, storageType: types.length === 1 ? types[0] : undefined };
}

import { assertPluginId } from '../plugin/definition/names.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Rules for the id that a plugin may have that asks for its identity. */
export interface AdmissionOptions {
	/** Directory of the authority that issues certificates, with those that it has issued. */
	readonly certsDir: string;
	/** Id that the plugin has to have. Default: whichever it says. */
	readonly expectedId?: string | undefined;
	/** Asked with the id that the plugin says; a sentence refuses it. */
	readonly refuseId?: ((id: string) => string | undefined) | undefined;
}

/**
 * Checks the id that a plugin says of itself when it is started.
 *
 * @throws OrchestraError `identity_mismatch`
 */
export async function assertAdmitted(id: string, options: AdmissionOptions): Promise<void> {
	const { certsDir, expectedId, refuseId } = options;
	const why =
		fault(id) ?? refuseId?.(id) ?? (expectedId === undefined ? await takenIn(certsDir, id) : undefined);
	if (why === undefined && (expectedId === undefined || id === expectedId)) return;
	throw new OrchestraError(
		'identity_mismatch',
		why === undefined
			? `the plugin is ${id}, but ${expectedId} was expected`
			: `the plugin may not call itself ${id}: ${why}`,
		{
			hint:
				expectedId === undefined
					? 'If it is meant to be that plugin, say so where it is started: by its id in orchestra.yaml.'
					: 'Check which plugin was started, and the id that it was created with.',
			details: { found: id, expected: expectedId },
		},
	);
}

/** Reason why an id is somebody's already; undefined for a free one. A certificate that a plugin made for itself, as executables do, says nothing. */
async function takenIn(certsDir: string, id: string): Promise<string | undefined> {
	// It reads certificates, which many starts need not.
	const { wasGiven } = await import('../identity/directory/leaf.ts');
	return (await wasGiven(certsDir, id))
		? `${id}.crt in ${certsDir} was issued to another program`
		: undefined;
}

/** Reason why a plugin may not have an id; undefined where it may. The command line's own name is not for plugins, either. */
function fault(id: string): string | undefined {
	if (id.toLowerCase() === 'cli') return "the name is the command line's";
	try {
		assertPluginId(id);
		return undefined;
	} catch (error) {
		return OrchestraError.from(error, 'invalid_plugin').message;
	}
}

import { wasGiven } from '../identity/directory/leaf.ts';
import { formatIdentityDocument, formatRefusal } from '../identity/sources/identity-document.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import type { IdentityProblem } from '../identity/sources/renewing-identity.ts';
import { assertPluginId } from '../plugin/definition/names.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { PluginProcess } from './plugin-process.ts';

/** To whom an identity is given. */
export interface HandoverOptions {
	/** Where the authority is that issues it. */
	readonly certsDir: string;
	/** Names on the certificates of the host: the plugin takes orders from these only. */
	readonly hosts: readonly string[];
	/** Who the plugin has to be. Default: whoever it says. */
	readonly expectedId?: string | undefined;
	/** Asked with the id that the plugin says; a sentence refuses it. */
	readonly refuseId?: ((id: string) => string | undefined) | undefined;
	/** Hears of a renewal that failed. */
	readonly onProblem?: IdentityProblem | undefined;
}

/**
 * Gives a plugin's process an identity that exists in memory only: the process says its id in a line `IDENTIFY <id>` on stderr,
 * once, and gets the identity through the pipe that is its stdin; later whatever follows it, before it ends or when whom to trust
 * changes.
 */
export class IdentityHandover {
	readonly #process: PluginProcess;
	readonly #options: HandoverOptions;
	readonly #issuing: Promise<typeof import('../identity/sources/open-identity.ts')>;
	#asked = false;
	#id: string | undefined;
	#failure: unknown;
	#source: IdentitySource | undefined;
	#closed = false;

	constructor(process: PluginProcess, options: HandoverOptions) {
		this.#process = process;
		this.#options = options;
		// Loaded while the process starts: what it needs takes some milliseconds.
		this.#issuing = import('../identity/sources/open-identity.ts');
		void process.exited.then(() => this.close());
	}

	/** Who the process said that it is; undefined as long as it has not. */
	get id(): string | undefined {
		return this.#id;
	}

	/** Why it got no identity, if so. */
	get failure(): unknown {
		return this.#failure;
	}

	/** Sees a line of output; true where it was the question. */
	watch(line: string): boolean {
		const asked = /^IDENTIFY (\S{1,256})$/.exec(line)?.[1];
		// Who has asked once has what it asked for; the rest is output.
		if (asked === undefined || this.#asked) return false;
		this.#asked = true;
		this.#answer(asked).catch((error: unknown) => {
			this.#failure = error;
			this.#process.writeInput(formatRefusal(OrchestraError.from(error, 'internal')));
		});
		return true;
	}

	/** Renews no more. */
	close(): void {
		this.#closed = true;
		this.#source?.close();
	}

	async #answer(id: string): Promise<void> {
		const { certsDir, hosts, expectedId, refuseId, onProblem } = this.#options;
		const why =
			fault(id) ?? refuseId?.(id) ?? (expectedId === undefined ? await takenIn(certsDir, id) : undefined);
		if (why !== undefined || (expectedId !== undefined && id !== expectedId)) {
			throw new OrchestraError(
				'identity_mismatch',
				why === undefined
					? `the plugin is ${id}, but ${expectedId} was expected`
					: `the plugin gets no certificate as ${id}: ${why}`,
				{
					hint:
						expectedId === undefined
							? 'If it is meant to be that plugin, say so where it is started: by its id in orchestra.yaml.'
							: 'Check which plugin was started, and the id that it was created with.',
					details: { found: id, expected: expectedId },
				},
			);
		}
		this.#id = id;
		const { openOneTimeIdentity } = await this.#issuing;
		const source = await openOneTimeIdentity(certsDir, id, { onProblem });
		this.#source = source;
		if (this.#closed) {
			source.close();
			return;
		}
		source.subscribe((identity) => this.#process.writeInput(formatIdentityDocument(identity, hosts)));
		this.#process.writeInput(formatIdentityDocument(source.current, hosts));
	}
}

/** Why an id is somebody's already, if so. A certificate that a plugin made for itself, as executables do, says nothing. */
async function takenIn(certsDir: string, id: string): Promise<string | undefined> {
	return (await wasGiven(certsDir, id))
		? `${id}.crt in ${certsDir} was issued to another program`
		: undefined;
}

/** Why an id is none that a plugin may have, if so. The command line's own name is not for plugins, either. */
function fault(id: string): string | undefined {
	if (id.toLowerCase() === 'cli') return "the name is the command line's";
	try {
		assertPluginId(id);
		return undefined;
	} catch (error) {
		return OrchestraError.from(error, 'invalid_plugin').message;
	}
}

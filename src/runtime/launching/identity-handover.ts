import { formatIdentityDocument, formatRefusal } from '../identity/sources/identity-document.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import type { IdentityProblem } from '../identity/sources/renewing-identity.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type AdmissionOptions, assertAdmitted } from './admission.ts';
import type { PluginProcess } from './plugin-process.ts';

/** To whom an identity is given. */
export interface HandoverOptions extends AdmissionOptions {
	/** Names on the certificates of the host: the plugin takes orders from these only. */
	readonly hosts: readonly string[];
	/** Called when a renewal failed. */
	readonly onProblem?: IdentityProblem | undefined;
	/** Whether it will ask for one, as far as is known. Default true. */
	readonly isExpected?: boolean | undefined;
}

/** Loads what issues identities. */
const loadIssuing = () => import('../identity/sources/open-identity.ts');

/**
 * Gives a plugin's process an identity that exists in memory only: the process says its id in a line `IDENTIFY <id>` on stderr,
 * once, and gets the identity through the pipe that is its stdin; later whatever follows it, before it ends or when whom to trust
 * changes.
 */
export class IdentityHandover {
	readonly #process: PluginProcess;
	readonly #options: HandoverOptions;
	readonly #issuing: ReturnType<typeof loadIssuing> | undefined;
	#asked = false;
	#id: string | undefined;
	#failure: unknown;
	#source: IdentitySource | undefined;
	#closed = false;

	constructor(process: PluginProcess, options: HandoverOptions) {
		this.#process = process;
		this.#options = options;
		// Loaded while the process starts: what it needs takes some milliseconds.
		if (options.isExpected ?? true) this.#issuing = loadIssuing();
		void process.exited.then(() => this.close());
	}

	/** Id that the process stated; undefined as long as it has not. */
	get id(): string | undefined {
		return this.#id;
	}

	/** Error for which it got no identity; undefined for none. */
	get failure(): unknown {
		return this.#failure;
	}

	/** Sees a line of output; true where it was the question. */
	watch(line: string): boolean {
		const asked = /^IDENTIFY (\S{1,256})$/.exec(line)?.[1];
		// A process that has asked once has what it asked for; the rest is output.
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
		const { certsDir, hosts, onProblem } = this.#options;
		await assertAdmitted(id, this.#options);
		this.#id = id;
		const { openOneTimeIdentity } = await (this.#issuing ?? loadIssuing());
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

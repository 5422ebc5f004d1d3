import { parseIdentityDocument } from '../../identity/sources/identity-document.ts';
import { ChangingIdentity, type IdentitySource } from '../../identity/sources/identity-source.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Milliseconds that the host has to answer: it only signs a certificate. */
const answerTimeoutMs = 10_000;

/**
 * The identity that a host hands to this process over its stdin: the first one, and each that follows it. It is in memory only.
 */
export class HandedIdentity {
	readonly #name: string;
	readonly #onProblem: (error: OrchestraError) => void;
	#source: ChangingIdentity | undefined;
	#hosts: readonly string[] | undefined;
	#settle: ((outcome: ChangingIdentity | OrchestraError) => void) | undefined;

	/** @param onProblem hears of a later identity that cannot be used: the one before it stays */
	constructor(name: string, onProblem: (error: OrchestraError) => void) {
		this.#name = name;
		this.#onProblem = onProblem;
	}

	/** Names on the certificates of the host, as it said with the first identity; undefined where it did not. */
	get hosts(): readonly string[] | undefined {
		return this.#hosts;
	}

	/**
	 * Asks for the identity, and waits for the first one.
	 *
	 * @param ask tells the host who asks
	 * @throws OrchestraError the host's refusal, `certificate_invalid`, `deadline_exceeded`, `connection_lost`
	 */
	async first(ask: () => void): Promise<IdentitySource> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const outcome = await new Promise<ChangingIdentity | OrchestraError>((resolve) => {
			this.#settle = resolve;
			timer = setTimeout(() => {
				const message = `the host gave ${this.#name} no identity within ${answerTimeoutMs} ms`;
				resolve(
					new OrchestraError('deadline_exceeded', message, { hint: 'The host may hang: start it again.' }),
				);
			}, answerTimeoutMs);
			ask();
		});
		clearTimeout(timer);
		this.#settle = undefined;
		if (outcome instanceof OrchestraError) throw outcome;
		return outcome;
	}

	/** Takes a line from the host. */
	line(text: string): void {
		try {
			const document = parseIdentityDocument(text, this.#name);
			if (document === undefined) return;
			const { identity, hosts } = document;
			if (this.#source) {
				this.#source.change(identity);
				return;
			}
			this.#hosts = hosts;
			this.#source = new ChangingIdentity(identity);
			this.#settle?.(this.#source);
		} catch (caught) {
			const error = OrchestraError.from(caught, 'internal');
			if (this.#settle) this.#settle(error);
			else this.#onProblem(error);
		}
	}

	/** The host has gone. */
	gone(): void {
		const message = `the host ended before it gave ${this.#name} an identity`;
		this.#settle?.(new OrchestraError('connection_lost', message));
	}
}

import { X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { CertsDirectory } from '../directory/certs-directory.ts';
import { revocationFileName, rotationFileName } from '../directory/trust.ts';
import type { Identity } from '../identity.ts';
import { renewalTime, validityOf } from '../x509/validity.ts';
import { CertsWatch, type Schedule, systemSchedule } from './certs-watch.ts';
import { ChangingIdentity, type IdentitySource } from './identity-source.ts';

/** Milliseconds between two looks at the clock: it may be set, and timers stand still while a machine sleeps. */
const clockCheckMs = 15 * 60_000;

/** Milliseconds until a renewal that failed is tried again: the first time, and at most. */
const retryMs = { first: 30_000, longest: 60 * 60_000 };

/** Called when an identity that lives has a problem: the identity in use stays the same. */
export type IdentityProblem = (error: OrchestraError) => void;

/** Options of every source with a directory behind it. */
export interface RenewingOptions {
	/** Validity of the certificates that it issues, in days. */
	readonly days?: number | undefined;
	readonly onProblem?: IdentityProblem | undefined;
	/** Called when the files begin to be read, and when that has ended; for tests, whose clock has to wait for it. */
	readonly onRefresh?: ((running: boolean) => void) | undefined;
	/** Timers; for tests. */
	readonly schedule?: Schedule | undefined;
	/** Whether the system is asked to tell of changes; for tests. Default true. */
	readonly events?: boolean | undefined;
}

/** Functions by which a source gets its identities. */
export interface RenewingParts {
	readonly dir: CertsDirectory;
	/** The files of the directory that matter, besides those that say whom it trusts. */
	readonly files: readonly string[];
	/**
	 * Identity to use from now on: the same again, or something newer that was checked. Where it throws, the identity stays.
	 *
	 * @param due that it is time for a new certificate
	 * @param mayIssue that one may be issued where what is there cannot be used; false for a while after that has failed
	 */
	readonly refresh: (current: Identity, due: boolean, mayIssue: boolean) => Promise<Identity>;
	/** Authorities that the directory trusts now, for where the rest of the identity cannot be had. */
	readonly trust: () => Promise<Pick<Identity, 'caPem' | 'revocations'>>;
}

/**
 * An identity that is renewed after two thirds of its life, and follows what others change in the directory: another process
 * that renewed it, a rotation, a revocation. One refresh runs at a time.
 */
export class RenewingIdentity implements IdentitySource {
	readonly #changing: ChangingIdentity;
	readonly #parts: RenewingParts;
	readonly #options: RenewingOptions;
	readonly #schedule: Schedule;
	readonly #watch: CertsWatch;
	#renewAt: number;
	#failures = 0;
	#told: string | undefined;
	#stopTimer: (() => void) | undefined;
	#refreshing = false;
	#again = false;

	constructor(first: Identity, parts: RenewingParts, options: RenewingOptions) {
		this.#changing = new ChangingIdentity(first);
		this.#parts = parts;
		this.#options = options;
		this.#schedule = options.schedule ?? systemSchedule;
		this.#renewAt = renewalOf(first);
		const files = new Set(['ca.crt', revocationFileName, rotationFileName, ...parts.files]);
		this.#watch = new CertsWatch(
			parts.dir,
			(file) => files.has(file),
			() => void this.#refresh(),
			options,
		);
		this.#arm();
	}

	get current(): Identity {
		return this.#changing.current;
	}

	subscribe(listener: (identity: Identity) => void): () => void {
		return this.#changing.subscribe(listener);
	}

	close(): void {
		this.#changing.close();
		this.#watch.close();
		this.#stopTimer?.();
	}

	#arm(): void {
		this.#stopTimer?.();
		if (this.#changing.closed) return;
		const wait = Math.min(clockCheckMs, Math.max(1_000, Math.ceil(this.#renewAt - Date.now())));
		this.#stopTimer = this.#schedule(wait, () => {
			if (Date.now() >= this.#renewAt) void this.#refresh();
			else this.#arm();
		});
	}

	async #refresh(): Promise<void> {
		if (this.#refreshing) {
			this.#again = true;
			return;
		}
		this.#refreshing = true;
		this.#options.onRefresh?.(true);
		try {
			do {
				this.#again = false;
				await this.#refreshOnce();
			} while (this.#again && !this.#changing.closed);
		} finally {
			this.#refreshing = false;
			this.#arm();
			this.#options.onRefresh?.(false);
		}
	}

	async #refreshOnce(): Promise<void> {
		const due = Date.now() >= this.#renewAt;
		const mayIssue = due || this.#failures === 0;
		try {
			const { certificatePem } = this.current;
			const next = await this.#parts.refresh(this.current, due, mayIssue);
			this.#told = undefined;
			if (mayIssue) this.#failures = 0;
			this.#changing.change(next);
			if (next.certificatePem !== certificatePem) {
				this.#failures = 0;
				this.#renewAt = renewalOf(next);
			} else if (due) {
				// The authority ends as soon, or another program issued it. Ask again, but not in every turn.
				this.#renewAt = Date.now() + retryMs.longest;
				this.#tell(nothingNewer(next), true);
			}
		} catch (error) {
			await this.#followTrust();
			if (mayIssue) this.#renewAt = Date.now() + this.#backOff();
			this.#tell(OrchestraError.from(error, 'internal'), due);
		}
	}

	/** Shuts out peers that were revoked, whatever is wrong with the identity of our own. */
	async #followTrust(): Promise<void> {
		try {
			const trust = await this.#parts.trust();
			const { name, certificatePem, privateKeyPem } = this.current;
			this.#changing.change({ name, certificatePem, privateKeyPem, ...trust });
		} catch {
			// The problem that is told is of the same directory.
		}
	}

	#backOff(): number {
		const wait = Math.min(retryMs.longest, retryMs.first * 2 ** Math.min(20, this.#failures++));
		return wait * (0.75 + Math.random() / 2);
	}

	/** Once for each problem, and again with each renewal that it stops. */
	#tell(problem: OrchestraError, due: boolean): void {
		const text = `${problem.code} ${problem.message}`;
		if (this.#changing.closed || (text === this.#told && !due)) return;
		this.#told = text;
		this.#options.onProblem?.(problem);
	}
}

function nothingNewer({ name, certificatePem }: Identity): OrchestraError {
	const until = validityOf(new X509Certificate(certificatePem)).notAfter.toISOString();
	return new OrchestraError(
		'certificate_expires_soon',
		`the certificate of "${name}" ends at ${until}, and nothing newer can be had`,
		{
			hint: 'Its authority ends as soon (orchestra certs rotate), or another program issued it (orchestra certs renew).',
			details: { name, notAfter: until },
		},
	);
}

function renewalOf(identity: Identity): number {
	return renewalTime(validityOf(new X509Certificate(identity.certificatePem)));
}

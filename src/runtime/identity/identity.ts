import type { Revocations } from './revocations.ts';

/** Identity of a process on the wire, and whom it trusts: everything that a TLS handshake needs. Holds a secret: never log it. */
export interface Identity {
	/** The certificate's common name: a plugin's id, or `<id>-client`, `orchestrator`, `orchestrator-to-<id>`, … */
	readonly name: string;
	/** The leaf certificate, PEM; during a CA rotation with the certificate that leads from it to the former CA behind it. */
	readonly certificatePem: string;
	/** Its private key, PEM, PKCS#8. */
	readonly privateKeyPem: string;
	/** The CA certificates that peers are checked against: one PEM block, or several during a CA rotation. */
	readonly caPem: string;
	/** Certificates that are not trusted although a CA issued them. Default: none. */
	readonly revocations?: Revocations | undefined;
}

/** A certificate authority that can issue. Holds a secret: never log it. */
export interface Authority {
	/** The CA certificate, PEM. Where it holds several blocks, the first one issues. */
	readonly certificatePem: string;
	/** Its private key, PEM, PKCS#8, Ed25519. */
	readonly privateKeyPem: string;
}

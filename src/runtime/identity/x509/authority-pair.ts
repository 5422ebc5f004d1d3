/** A certificate authority that can issue. Holds a secret: never log it. */
export interface Authority {
	/** The CA certificate, PEM. Where it holds several blocks, the first one issues. */
	readonly certificatePem: string;
	/** Its private key, PEM, PKCS#8, Ed25519. */
	readonly privateKeyPem: string;
	/**
	 * While a rotation is under way: this authority as the former one certifies it, PEM. Leaves carry it, so that peers who know
	 * the former root only trust them too.
	 */
	readonly crossCertificatePem?: string | undefined;
}

import type asn1 from 'node-forge/lib/asn1.js';

/** An ASN.1 value as node-forge holds it. */
export type Asn1 = ReturnType<typeof asn1.create>;

/** What a certificate says, before it is signed. */
export interface CertificateTemplate {
	/** The subject, a distinguished name. */
	readonly subject: Asn1;
	/** The issuer: byte for byte the subject of the issuing certificate, or chains do not build. */
	readonly issuer: Asn1;
	/** The subject's public key, DER, SubjectPublicKeyInfo. */
	readonly publicKeyDer: Uint8Array;
	readonly notBefore: Date;
	readonly notAfter: Date;
	readonly extensions: readonly Asn1[];
}

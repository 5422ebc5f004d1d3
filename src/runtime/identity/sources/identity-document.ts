import { isObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { relayedError } from '../../wire/relayed-error.ts';
import { parseRevocations } from '../directory/trust.ts';
import type { Identity } from '../identity.ts';
import { Revocations } from '../revocations.ts';
import { commonName, parseCertificates, parsePrivateKey } from '../x509/read-certificate.ts';

/** Document with the identity that a host gives to a plugin's process. */
export interface IdentityDocument {
	readonly identity: Identity;
	/** Names on the certificates of the host; undefined where it does not say. */
	readonly hosts: readonly string[] | undefined;
}

/**
 * An identity as one line of JSON, for the pipe between a host and a plugin's process. It holds a secret: nothing else may see it.
 *
 * @param hosts names on the certificates of the host: with which it dials the plugin, and with which it listens
 */
export function formatIdentityDocument(identity: Identity, hosts: readonly string[]): string {
	const { name, certificatePem: certificate, privateKeyPem: key, caPem: authorities } = identity;
	const revoked = identity.revocations?.entries ?? [];
	return `${JSON.stringify({ identity: { name, certificate, key, authorities, revoked }, hosts })}\n`;
}

/** Reason why there is no identity, as one line of JSON. */
export function formatRefusal({ code, message, hint }: OrchestraError): string {
	return `${JSON.stringify({ error: { code, message, hint } })}\n`;
}

/**
 * Reads what a host wrote, and checks that it is of one piece and for this name.
 *
 * @returns undefined for a line that is something else
 * @throws OrchestraError the host's refusal, or `certificate_invalid`; no message holds any of the text
 */
export function parseIdentityDocument(line: string, name: string): IdentityDocument | undefined {
	const document = parse(line);
	if (isObject(document.error)) {
		const { code, message, hint } = document.error;
		throw relayedError(text(code) || 'certificate_invalid', text(message) || 'the host gave no identity', {
			hint: text(hint) || undefined,
		});
	}
	if (!isObject(document.identity)) return undefined;
	const { certificate, key, authorities, revoked } = document.identity;
	try {
		const from = 'the pipe of the host';
		const [leaf] = parseCertificates(text(certificate), from);
		if (commonName(leaf) !== name) throw new Error(`it is not for ${name}`);
		if (!leaf.checkPrivateKey(parsePrivateKey(text(key), from))) throw new Error('its key is another');
		parseCertificates(text(authorities), from);
		const entries = parseRevocations(revoked ?? []);
		const identity: Identity = {
			name,
			certificatePem: text(certificate),
			privateKeyPem: text(key),
			caPem: text(authorities),
			...(entries.length > 0 ? { revocations: new Revocations(entries) } : {}),
		};
		return { identity, hosts: namesIn(document.hosts) };
	} catch (error) {
		// Without the cause: a parser may quote what it could not read.
		const why = error instanceof OrchestraError ? 'a part of it cannot be read' : (error as Error).message;
		throw new OrchestraError('certificate_invalid', `the identity from the host cannot be used: ${why}`);
	}
}

function parse(line: string): Record<string, unknown> {
	try {
		const parsed: unknown = JSON.parse(line);
		return isObject(parsed) ? parsed : {};
	} catch {
		return {};
	}
}

function namesIn(value: unknown): string[] | undefined {
	if (value === undefined) return undefined;
	const names = Array.isArray(value) ? value.map(text).filter((name) => name !== '') : [];
	if (names.length === 0) throw new Error('it names no host');
	return names;
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

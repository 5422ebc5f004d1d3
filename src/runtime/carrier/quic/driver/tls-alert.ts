/** QUIC error codes from here to 0x1ff are TLS alerts (RFC 9001, 4.8). */
const firstCode = 0x100;

/** The alerts of TLS 1.3 (RFC 8446, 6). */
const names = new Map<number, string>([
	[0, 'close_notify'],
	[10, 'unexpected_message'],
	[20, 'bad_record_mac'],
	[40, 'handshake_failure'],
	[42, 'bad_certificate'],
	[43, 'unsupported_certificate'],
	[44, 'certificate_revoked'],
	[45, 'certificate_expired'],
	[46, 'certificate_unknown'],
	[47, 'illegal_parameter'],
	[48, 'unknown_ca'],
	[49, 'access_denied'],
	[50, 'decode_error'],
	[51, 'decrypt_error'],
	[70, 'protocol_version'],
	[71, 'insufficient_security'],
	[80, 'internal_error'],
	[109, 'missing_extension'],
	[110, 'unsupported_extension'],
	[112, 'unrecognized_name'],
	[116, 'certificate_required'],
	[120, 'no_application_protocol'],
]);

const aboutCertificate = new Set([42, 43, 44, 45, 46, 48, 49, 51, 116]);

/** The TLS alert in a QUIC error code; undefined where it is none. */
export function tlsAlert(quicCode: number): { name: string; aboutCertificate: boolean } | undefined {
	const alert = quicCode - firstCode;
	if (alert < 0 || alert > 0xff) return undefined;
	return { name: names.get(alert) ?? `alert ${alert}`, aboutCertificate: aboutCertificate.has(alert) };
}

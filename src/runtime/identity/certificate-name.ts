import { OrchestraError } from '../wire/orchestra-error.ts';

/** X.509's upper bound for a common name, in characters. */
export const maxNameLength = 64;

const alphabet = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
// Windows opens a device for these, whatever follows the first dot.
const deviceName = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Checks that a name can stand in a certificate and in a file name on every system: 1 to 64 letters, digits, `.`, `_` or `-`,
 * beginning with a letter, digit or `_`, without `..`, not ending in a dot, and neither `ca` nor a Windows device name.
 *
 * @throws OrchestraError `invalid_name`
 */
export function assertCertificateName(name: string): void {
	const fault = faultOf(name);
	if (fault === undefined) return;
	throw new OrchestraError('invalid_name', `${quote(name)} cannot name a certificate: ${fault}`, {
		hint: `Use 1 to ${maxNameLength} letters, digits, ".", "_" or "-", such as "tools.weather".`,
	});
}

function faultOf(name: unknown): string | undefined {
	if (typeof name !== 'string' || name === '') return 'it is empty';
	if (name.length > maxNameLength) return `it is longer than ${maxNameLength} characters`;
	if (/^[.-]/.test(name)) return 'it begins with a dot or a dash';
	if (!alphabet.test(name)) return 'it holds a character that is not allowed';
	if (name.includes('..')) return 'it holds two dots in a row';
	if (name.endsWith('.')) return 'it ends with a dot';
	// On a case-insensitive file system `CA.key` is the authority's own key.
	if (name.toLowerCase() === 'ca') return 'the name is reserved for the certificate authority';
	if (deviceName.test(name)) return 'Windows reserves it for a device';
	return undefined;
}

function quote(name: unknown): string {
	const text = JSON.stringify(String(name));
	return text.length > 80 ? `${text.slice(0, 76)}…"` : text;
}

import { OrchestraError } from '../../wire/orchestra-error.ts';
import { phaseOf, type Validity } from './validity.ts';

/** The error of a certificate that is not valid now: `certificate_expired`, `certificate_not_yet_valid`, or none. */
export function phaseError(path: string, validity: Validity, renewHint: string): OrchestraError | undefined {
	const phase = phaseOf(validity);
	const details = {
		path,
		notBefore: validity.notBefore.toISOString(),
		notAfter: validity.notAfter.toISOString(),
	};
	if (phase === 'expired') {
		return new OrchestraError(
			'certificate_expired',
			`the certificate ${path} expired at ${details.notAfter}`,
			{
				hint: renewHint,
				details,
			},
		);
	}
	if (phase === 'not-yet-valid') {
		return new OrchestraError(
			'certificate_not_yet_valid',
			`the certificate ${path} is valid only from ${details.notBefore} on`,
			{
				hint: `Check this machine's clock: it says ${new Date().toISOString()}. If that is right: ${renewHint}`,
				details,
			},
		);
	}
	return undefined;
}

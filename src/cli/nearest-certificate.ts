import { readdirSync } from 'node:fs';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** Does something with certificates of these names; where one is not there, the error names the one that was probably meant. */
export async function withNearestCertificate<T>(
	dir: string,
	names: readonly string[],
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw error instanceof OrchestraError ? namingNearest(dir, names, error) : error;
	}
}

/** The same error; where it says that one of these names has no certificate, with the name that was probably meant. */
export function namingNearest(dir: string, names: readonly string[], error: OrchestraError): OrchestraError {
	if (error.code !== 'certificate_missing') return error;
	const there = certificateNames(dir);
	const near = names.filter((name) => !there.includes(name)).map((name) => nearest(name, there))[0];
	if (near === undefined) return error;
	return new OrchestraError('certificate_missing', error.message, {
		hint: `Did you mean ${near}? ${error.hint ?? ''}`.trim(),
		details: error.details,
		cause: error,
	});
}

/**
 * Refuses a name that was probably misspelt: what is revoked in its place would leave the one that was meant valid.
 *
 * @throws OrchestraError `certificate_missing`
 */
export function assertMeant(dir: string, name: string): void {
	const names = certificateNames(dir);
	const near = nearest(name, names);
	if (near === undefined || names.includes(name)) return;
	throw new OrchestraError('certificate_missing', `there is no certificate named ${name} in ${dir}`, {
		hint: `Did you mean ${near}? To shut out the name ${name} all the same, add --force.`,
		details: { nearest: near },
	});
}

function certificateNames(dir: string): string[] {
	try {
		return readdirSync(dir)
			.filter((file) => file.endsWith('.crt'))
			.map((file) => file.slice(0, -'.crt'.length));
	} catch {
		return [];
	}
}

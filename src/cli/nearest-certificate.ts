import { readdirSync } from 'node:fs';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** Does something with the certificate of that name; where there is none, the error names the one that was probably meant. */
export async function withNearestCertificate<T>(
	dir: string,
	name: string,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof OrchestraError) || error.code !== 'certificate_missing') throw error;
		const names = certificateNames(dir);
		const near = nearest(
			name,
			names.filter((other) => other !== name),
		);
		if (near === undefined || names.includes(name)) throw error;
		const { message, details } = error;
		throw new OrchestraError('certificate_missing', message, {
			hint: `Did you mean ${near}? ${error.hint ?? ''}`.trim(),
			details,
			cause: error,
		});
	}
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

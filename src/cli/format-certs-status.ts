import type { CertsStatus } from '../runtime/identity/directory/certs-status.ts';
import type { CertificateReport } from '../runtime/identity/directory/inspect-certificate.ts';
import { revokedWhen } from '../runtime/identity/revocations.ts';
import { certificateJson, formatEnd, statusColour } from './format-certificate.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';

/** State of a directory, as `--json` shows it. */
export function certsStatusJson(status: CertsStatus): object {
	const { dir, certificates, revocations, rotation, concern } = status;
	return {
		certsDir: dir,
		ok: concern === undefined,
		certificates: certificates.map((report) => ({
			...certificateJson(report),
			root: report.root ?? null,
			used: report.shareUsed === undefined ? null : Math.round(report.shareUsed * 1000) / 1000,
			renewal: renewalOf(report, status),
		})),
		revoked: revocations,
		rotation: rotation
			? { startedAt: rotation.startedAt, endsAt: rotation.endsAt, previous: rotation.previous }
			: null,
	};
}

/** State of a directory, as a table with remarks below it. */
export function formatCertsStatus(status: CertsStatus): string {
	const { certificates, revocations, rotation } = status;
	const rows = certificates.map((report) => [
		style.cyan(report.name),
		statusColour(report.status)(report.status),
		formatEnd(report),
		report.shareUsed === undefined ? '' : `${Math.floor(report.shareUsed * 100)} %`,
		rootText(report.certificate?.issuer, report.root, rotation?.previous),
		renewalOf(report, status),
	]);
	const parts =
		rows.length > 0 ? [formatTable(['name', 'status', 'valid until', 'used', 'root', 'renewal'], rows)] : [];
	if (rotation) {
		const until = rotation.endsAt.slice(0, 10);
		parts.push(
			`${style.yellow('!')} The authority is being rotated: the former one is trusted until ${until}.`,
		);
	}
	const problems = certificates.flatMap(({ problem }) =>
		problem ? [`${style.red('✖')} ${problem.message}`] : [],
	);
	if (problems.length > 0) parts.push(problems.join('\n'));
	const revoked = revocations.map((entry) => {
		const what = entry.name ?? `certificate ${entry.fingerprint?.slice(0, 16)}`;
		const since = entry.issuedBefore ? `, what was issued before ${entry.issuedBefore.slice(0, 10)}` : '';
		return `${style.red('⊘')} revoked: ${what}${since} ${style.dim(revokedWhen(entry))}`;
	});
	if (revoked.length > 0) parts.push(revoked.join('\n'));
	return parts.join('\n\n');
}

/**
 * The way in which a certificate is renewed: by the program that it was made for; where somebody was given it, by a program that uses this directory, or else
 * by a command; by a command alone; or on the machine that it was imported from.
 */
function renewalOf({ name, isOurs, isGiven }: CertificateReport, { canIssue }: CertsStatus): string {
	if (!canIssue) return 'elsewhere';
	if (name === 'ca' || !isOurs) return 'by command';
	return isGiven ? 'where used' : 'automatic';
}

function rootText(
	issuer: string | undefined,
	root: string | undefined,
	previous: string | undefined,
): string {
	if (root === undefined) return style.dim(issuer ?? '');
	return `${issuer ?? ''} ${style.dim(root.slice(0, 8))}${root === previous ? style.yellow(' former') : ''}`;
}

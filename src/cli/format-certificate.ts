import type {
	CertificateReport,
	CertificateStatus,
} from '../runtime/identity/directory/inspect-certificate.ts';
import { dayMs } from '../runtime/identity/x509/validity.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';

/** A certificate as `--json` shows it. Every key is always there. */
export function certificateJson(report: CertificateReport): object {
	const { name, path, status, key, isTrusted, certificate, problem } = report;
	return {
		name,
		path,
		status,
		key,
		trusted: isTrusted,
		certificate: certificate ?? null,
		problem: problem ? { code: problem.code, message: problem.message, hint: problem.hint ?? null } : null,
	};
}

/** Certificates as a table, then what is wrong with those that cannot be used. */
export function formatCertificates(reports: readonly CertificateReport[]): string {
	const rows = reports.map((report) => [
		style.cyan(report.name),
		statusColour(report.status)(report.status),
		formatEnd(report),
		report.certificate?.issuer ?? '',
		style.dim(report.certificate?.fingerprint.slice(0, 16) ?? ''),
	]);
	const table = formatTable(['name', 'status', 'valid until', 'issuer', 'fingerprint'], rows);
	const problems = reports.flatMap(({ problem }) =>
		problem ? [`${style.red('✖')} ${problem.message}`] : [],
	);
	return problems.length > 0 ? `${table}\n\n${problems.join('\n')}` : table;
}

/** One certificate in full. */
export function formatCertificate(report: CertificateReport): string {
	const { certificate, problem } = report;
	const rows: [string, string | undefined][] = [
		['status', statusColour(report.status)(report.status)],
		['problem', problem?.message],
		['what to do', problem?.hint],
		['file', report.path],
		['common name', certificate?.name],
		['issued by', certificate?.issuer],
		['kind', certificate && (certificate.isAuthority ? 'certificate authority' : 'server and client')],
		['valid from', certificate?.notBefore],
		['valid until', certificate && formatEnd(report, certificate.notAfter)],
		['names', certificate?.alternativeNames.join(', ')],
		['key', certificate && `${certificate.keyType}, ${keyText[report.key]}`],
		['trusted', report.isTrusted ? 'yes' : 'no'],
		['serial', certificate?.serial],
		['SHA-256', certificate?.fingerprint],
	];
	const shown = rows.filter((row): row is [string, string] => Boolean(row[1]));
	const width = Math.max(...shown.map(([label]) => label.length));
	const lines = shown.map(([label, text]) => `${style.dim(label.padEnd(width))}  ${text}`);
	return [style.bold.cyan(report.name), ...lines].join('\n');
}

const keyText = {
	matches: 'its private key is here',
	missing: 'its private key is not here',
	mismatch: 'the private key here is another',
	exposed: 'others can read its private key',
	unusable: 'its private key cannot be used',
};

/** The colour of a status. */
export function statusColour(status: CertificateStatus): (text: string) => string {
	if (status === 'valid') return style.green;
	return status === 'expires-soon' ? style.yellow : style.red;
}

/** When a certificate ends, and how far that is. */
export function formatEnd(
	{ certificate }: CertificateReport,
	text = certificate?.notAfter.slice(0, 10),
): string {
	if (!certificate || !text) return '';
	const days = Math.floor((Date.parse(certificate.notAfter) - Date.now()) / dayMs);
	const distance = days < 0 ? `${-days} days ago` : `${days} days left`;
	return `${text} ${style.dim(`(${distance.replace(/^1 days/, '1 day')})`)}`;
}

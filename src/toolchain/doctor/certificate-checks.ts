import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { certsStatus } from '../../runtime/identity/directory/certs-status.ts';
import type { CertificateReport } from '../../runtime/identity/directory/inspect-certificate.ts';
import { shellWord } from '../../runtime/platform/shell-word.ts';
import { type DoctorCheck, type DoctorFinding, faultOf } from './finding.ts';

/** Milliseconds that a file may be newer than the clock says it is now: disks of other machines have clocks of their own. */
const clockSlackMs = 120_000;

/** Whether the certificates can be used. None at all is fine: they are made when they are needed. */
export const certificatesCheck: DoctorCheck = {
	name: 'certificates',
	async run({ certsDir }) {
		const check = 'certificates';
		if (!existsSync(certsDir)) {
			return [
				{
					check,
					state: 'ok',
					message: `there are none yet in ${certsDir}: the first command that needs them makes them`,
				},
			];
		}
		const { certificates } = await certsStatus(certsDir);
		const findings = certificates.flatMap((report) => {
			const finding = findingOf(certsDir, report);
			return finding ? [finding] : [];
		});
		if (findings.length > 0) return findings;
		return [{ check, state: 'ok', message: `${certificates.length} in ${certsDir} can be used` }];
	},
};

function findingOf(certsDir: string, report: CertificateReport): DoctorFinding | undefined {
	const { name, status, problem, key, path } = report;
	const dir = `--certs-dir ${shellWord(certsDir)}`;
	const isAuthority = name === 'ca';
	if (status === 'expires-soon') {
		const mend = isAuthority ? `orchestra certs rotate ${dir}` : `orchestra certs renew ${name} ${dir}`;
		const message = `${path} ends at ${report.certificate?.notAfter} and is due`;
		return { check: 'certificates', state: 'warning', message, mend };
	}
	if (!problem) return undefined;
	if (key === 'exposed') {
		return faultOf('certificates', problem, `chmod 600 ${shellWord(join(certsDir, `${name}.key`))}`);
	}
	if (isAuthority) return faultOf('certificates', problem);
	if (status === 'expired' || status === 'not-yet-valid' || status === 'untrusted') {
		return faultOf('certificates', problem, `orchestra certs renew ${name} ${dir}`);
	}
	if (status === 'revoked') {
		// Not `revoke --undo`: whoever revoked it meant it. What is left of it can go.
		const files = ['crt', 'key'].map((end) => shellWord(join(certsDir, `${name}.${end}`)));
		return faultOf('certificates', problem, `rm ${files.join(' ')}`);
	}
	return faultOf('certificates', problem, `orchestra certs issue ${name} --force ${dir}`);
}

/** Whether the clock can be right: nothing on the disk was written later than now. */
export const clockCheck: DoctorCheck = {
	name: 'clock',
	async run({ certsDir, folder }) {
		const check = 'clock';
		const now = Date.now();
		const files = [join(folder, 'package.json'), ...(await filesIn(certsDir))];
		for (const file of files) {
			const mtimeMs = await stat(file).then(
				(found) => found.mtimeMs,
				() => 0,
			);
			if (mtimeMs <= now + clockSlackMs) continue;
			return [
				{
					check,
					state: 'fault',
					message: `it is ${new Date(now).toISOString()} by the clock, and ${file} was written at ${new Date(mtimeMs).toISOString()}: certificates are judged by the clock`,
					mend:
						process.platform === 'darwin' ? 'sudo sntp -sS time.apple.com' : 'sudo timedatectl set-ntp true',
				},
			];
		}
		return [{ check, state: 'ok', message: `${new Date(now).toISOString()}: nothing here is newer` }];
	},
};

async function filesIn(folder: string): Promise<string[]> {
	try {
		return (await readdir(folder)).map((name) => join(folder, name));
	} catch {
		return []; // Absent, or what the check of the certificates speaks of.
	}
}

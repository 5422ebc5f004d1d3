import { Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../cli/base-command.ts';
import { defaultAddresses } from '../cli/serving-flags.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { parseAddress } from '../runtime/carrier/address.ts';
import { resolveCertsDir } from '../runtime/identity/directory/certs-directory.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { examine } from '../toolchain/doctor/examine.ts';
import type { DoctorFinding } from '../toolchain/doctor/finding.ts';

const marks = { ok: style.green('✔'), warning: style.yellow('!'), fault: style.red('✖') } as const;

export default class Doctor extends BaseCommand {
	static override summary =
		'Look at all that plugins need here: what is wrong, and the command that mends it.';
	static override description =
		'Runtime, programs, clock, TCP and QUIC with a call to itself, certificates, ports, installed plugins, cache, and the packages, lock file ' +
		'and configuration of the project in this folder. Nothing is changed. Exits 0 where nothing is wrong, warnings aside, and 3 otherwise ' +
		'(faults_found).';
	static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json'];
	static override flags = {
		'certs-dir': certsDirFlag,
		listen: Flags.string({
			char: 'l',
			description: `Where a server is to listen. [default: ${defaultAddresses.join(', ')}]`,
			helpValue: 'ADDRESS',
			multiple: true,
		}),
	};

	async run(): Promise<unknown> {
		const { flags } = await this.parse(Doctor);
		const listen = flags.listen ?? defaultAddresses;
		for (const text of listen) parseAddress(text);
		const scope = { folder: process.cwd(), certsDir: resolveCertsDir(flags['certs-dir']), listen };
		const findings = await withSpinner(this.jsonEnabled(), 'Looking', (show) =>
			examine(scope, (name) => show(`Looking at: ${name}`)),
		);
		const faults = findings.filter(({ state }) => state === 'fault');
		const result = this.result({ ok: faults.length === 0, findings }, () =>
			findings.map(formatFinding).join('\n'),
		);
		return faults.length === 0 ? result : this.failAfter(result, faultsFound(faults));
	}
}

function formatFinding({ check, state, message, mend }: DoctorFinding): string {
	const [first = '', ...more] = message.split('\n').map(visibleLine);
	const lines = [`${marks[state]} ${style.bold(check)}  ${first}`, ...more.map((line) => `    ${line}`)];
	return [...lines, ...(mend === undefined ? [] : [`    ${style.dim('→')} ${visibleLine(mend)}`])].join('\n');
}

function faultsFound(faults: readonly DoctorFinding[]): OrchestraError {
	const names = [...new Set(faults.map(({ check }) => check))];
	const count = faults.length === 1 ? 'one thing is' : `${faults.length} things are`;
	return new OrchestraError('faults_found', `${count} wrong: ${names.join(', ')}`, {
		hint: 'Under each stands the command that mends it; run orchestra doctor again after it.',
		details: { faults: faults.length, checks: names },
	});
}

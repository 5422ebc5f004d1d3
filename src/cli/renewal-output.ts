import type { RenewalReport } from '../runtime/identity/upkeep/renew-identities.ts';
import { style } from './style.ts';

/** Renewals as `--json` shows them. */
export function renewalsJson(renewed: readonly RenewalReport[]): object[] {
	return renewed.map(({ name, problem }) => ({
		name,
		renewed: problem === undefined,
		problem: problem ? { code: problem.code, message: problem.message, hint: problem.hint ?? null } : null,
	}));
}

/** Renewals, one a line. */
export function formatRenewals(renewed: readonly RenewalReport[]): string {
	return renewed
		.map(({ name, problem }) =>
			problem ? `${style.red('✖')} ${name}: ${problem.message}` : `${style.green('✔')} ${name}`,
		)
		.join('\n');
}

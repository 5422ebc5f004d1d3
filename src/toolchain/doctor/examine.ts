import { quicCheck, tcpCheck } from './carrier-checks.ts';
import { certificatesCheck, clockCheck } from './certificate-checks.ts';
import { type DoctorCheck, type DoctorFinding, type DoctorScope, faultOf } from './finding.ts';
import { portCheck } from './port-check.ts';
import { configurationCheck, lockCheck, packagesCheck } from './project-checks.ts';
import { programsCheck, runtimeCheck } from './runtime-checks.ts';
import { cacheCheck, registryCheck } from './store-checks.ts';

/** In the order in which they are shown: what everything needs comes first. */
const checks: readonly DoctorCheck[] = [
	runtimeCheck,
	programsCheck,
	clockCheck,
	tcpCheck,
	quicCheck,
	certificatesCheck,
	portCheck,
	registryCheck,
	cacheCheck,
	packagesCheck,
	lockCheck,
	configurationCheck,
];

/**
 * Looks at everything that plugins need on this machine. Nothing is changed.
 *
 * @param onStep hears the name of each check before it runs
 */
export async function examine(scope: DoctorScope, onStep: (name: string) => void): Promise<DoctorFinding[]> {
	const findings: DoctorFinding[] = [];
	for (const { name, run } of checks) {
		onStep(name);
		try {
			findings.push(...(await run(scope)));
		} catch (error) {
			findings.push(faultOf(name, error));
		}
	}
	return findings;
}

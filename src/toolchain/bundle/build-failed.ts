import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type Fault, withFaults } from '../compile/fault.ts';

/** The error for a plugin that does not build, with the place of each fault. */
export function buildFailed(sentence: string, faults: readonly Fault[], hint: string): OrchestraError {
	return new OrchestraError('build_failed', withFaults(sentence, faults), {
		hint,
		details: { faults: faults.map((fault) => ({ ...fault })) },
	});
}

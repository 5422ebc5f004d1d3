import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type CompilerFault, withFaults } from '../compile/compiler-fault.ts';

/** The error for a plugin that does not build, with the place of each fault. */
export function buildFailed(
	sentence: string,
	faults: readonly CompilerFault[],
	hint: string,
): OrchestraError {
	return new OrchestraError('build_failed', withFaults(sentence, faults), {
		hint,
		details: { faults: faults.map((fault) => ({ ...fault })) },
	});
}

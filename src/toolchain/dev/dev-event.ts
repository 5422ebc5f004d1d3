import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { CompilerFault } from '../compile/compiler-fault.ts';

/** Result of the check of types. */
export type TypeReport =
	| { readonly kind: 'right'; readonly ms: number }
	| { readonly kind: 'wrong'; readonly faults: readonly CompilerFault[]; readonly ms: number }
	/** They are not checked, and why. */
	| { readonly kind: 'unchecked'; readonly reason: string };

/** Event in the life of a plugin that is being written. */
export type DevEvent =
	/** A version runs: the first, or one that has taken the place of the one before. */
	| {
			readonly kind: 'running';
			readonly version: number;
			/** Paths that had changed; none for the first. */
			readonly changed: readonly string[];
			/** Milliseconds from the change to the first call that it could take. */
			readonly ms: number;
			readonly tools: readonly string[];
	  }
	/** The saved version does not run; the version before goes on, where there is one. */
	| { readonly kind: 'failed'; readonly error: OrchestraError; readonly running: number | undefined }
	/** The save made no difference: it was mended, or touched. */
	| { readonly kind: 'unchanged'; readonly running: number | undefined }
	/** A version has ended its calls, but for those that were cut when its time was up. */
	| { readonly kind: 'left'; readonly version: number; readonly cut: number }
	| { readonly kind: 'types'; readonly report: TypeReport };

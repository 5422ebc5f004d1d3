import type { ServedService } from './service-server.ts';

/** A seam as a plugin needs it: something that makes a service of an implementation. `defineSeam` of `orchestra-toolchain/seams` gives one. */
export interface ServableSeam<Implementation> {
	readonly name: string;
	readonly version: number;
	/** @throws OrchestraError `invalid_plugin` where the implementation has no function for a method */
	serve(implementation: Implementation): ServedService;
}

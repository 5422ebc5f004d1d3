// Typed seams, the ready-made ones, and what holds an implementation of them to their contracts: `orchestra-toolchain/seams`. Apart
// from the package's root, which every plugin loads.

export type { ConformanceCase } from './seams/conformance-case.ts';
export { jsonSchema } from './seams/json-schema.ts';
export { type LoadedSeam, type LoadSeamOptions, loadSeam } from './seams/load-seam.ts';
export { defineSeam, type Seam, type SeamOptions } from './seams/seam.ts';
export { seamClient } from './seams/seam-client.ts';
export { conflict, isConflict, isNotFound, notFound } from './seams/seam-error.ts';
export type {
	SeamCallOptions,
	SeamClient,
	SeamImplementation,
	SeamMethod,
	SeamMethods,
} from './seams/seam-method.ts';
export { MemoryStore, type Store, type StoreContents } from './seams/store/memory-store.ts';
export {
	type Check,
	type Component,
	type Flag,
	type FlagVariant,
	type HealthState,
	healthStates,
} from './seams/store/records.ts';
export { storeMessages } from './seams/store/store-messages.ts';
export { storeSeam } from './seams/store/store-seam.ts';
export { type StoreClient, storeSuite } from './seams/store/store-suite.ts';
export type { OfferedSeam, SeamTransport } from './services/seam-transport.ts';

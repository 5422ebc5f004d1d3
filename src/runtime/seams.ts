// Typed seams, the ready-made ones, and what holds an implementation of them to their contracts: `orchestra-toolchain/seams`. Apart
// from the package's root, which every plugin loads.

export type { ConformanceCase } from './seams/conformance-case.ts';
export { jsonSchema } from './seams/json-schema.ts';
export { EchoLlm } from './seams/llm/echo-llm.ts';
export { type Llm, type LlmClient, type LlmMessage, type LlmRequest, llmSeam } from './seams/llm/llm-seam.ts';
export { llmSuite } from './seams/llm/llm-suite.ts';
export { closeAll, loadAll } from './seams/load-all.ts';
export { type LoadedSeam, type LoadSeamOptions, loadSeam } from './seams/load-seam.ts';
export {
	type LoadedNamedSeam,
	type LoadNamedSeamOptions,
	loadNamedSeam,
	type NamedMethods,
	nameMethod,
} from './seams/named-seam.ts';
export { type Notification, type Severity, severityOf } from './seams/notifier/notification.ts';
export {
	type NamedNotifier,
	NotificationDispatcher,
	type NotificationDispatcherOptions,
} from './seams/notifier/notification-dispatcher.ts';
export { type Notifier, type NotifierClient, notifierSeam } from './seams/notifier/notifier-seam.ts';
export { notifierSuite } from './seams/notifier/notifier-suite.ts';
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
export { type CheckStatusOptions, checkStatus, type StatusChecker } from './seams/status/check-status.ts';
export { overallState } from './seams/status/overall-state.ts';
export { type CheckRound, checkAll, type RunChecksOptions, runChecks } from './seams/status/run-checks.ts';
export {
	type StatusProvider,
	type StatusProviderClient,
	statusProviderSeam,
} from './seams/status/status-provider-seam.ts';
export { statusProviderSuite } from './seams/status/status-provider-suite.ts';
export { type NamedStatusProvider, StatusRegistry } from './seams/status/status-registry.ts';
export { transitionOf } from './seams/status/transition.ts';
export { DurableStore } from './seams/store/durable-store.ts';
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

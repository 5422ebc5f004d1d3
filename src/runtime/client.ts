// Entry for programs that call plugins and servers: `orchestra-toolchain/client`.

export {
	type Address,
	formatAddress,
	isAddressUrl,
	type NetworkCarrier,
	parseAddress,
} from './carrier/address.ts';
export type { BackOffOptions } from './carrier/back-off.ts';
export {
	type Connection,
	type ConnectionSetup,
	type DialOptions,
	defaultKeepAlive,
	type KeepAlive,
} from './carrier/carrier.ts';
export { type ExchangePhases, type ExchangeTiming, phasesOf } from './carrier/exchange-timing.ts';
export { dial } from './carrier/network-carrier.ts';
export type { CarrierName, Peer } from './carrier/peer.ts';
export {
	connectPersistently,
	type PersistentConnection,
	type PersistentOptions,
	type PersistentState,
} from './carrier/persistent-connection.ts';
export type {
	AnsweredOptions,
	CallOptions,
	ClientOptions,
	PublishedEvent,
	ToolCallOptions,
	ToolStreamOptions,
} from './client/call-options.ts';
export type { ToolChunk } from './client/chunk-queue.ts';
export type { EventBatch, EventItem, SubscribeArguments } from './client/event-batch.ts';
export type { EventStream, EventsOptions, ReceivedEvent } from './client/event-stream.ts';
export type {
	FilledPrompt,
	Health,
	ListedEntry,
	ListedPrompt,
	ListedTool,
	PeerDescription,
	StoredEntry,
} from './client/listings.ts';
export { PeerError } from './client/peer-error.ts';
export { createClient, type PluginClient } from './client/plugin-client.ts';
export type { StorageClient } from './client/storage-client.ts';
export { type AttachedOutput, Attachment, type AttachmentEnd } from './exec/attachment.ts';
export { type AttachOptions, ExecClient, type ExecClientOptions } from './exec/exec-client.ts';
export {
	type ProcessSignal,
	processSignal,
	type StreamSignal,
	streamSignal,
	streamSignals,
} from './exec/stream-signal.ts';
export { resolveCertsDir } from './identity/directory/certs-directory.ts';
export type { Identity } from './identity/identity.ts';
export type { Revocation, Revocations } from './identity/revocations.ts';
export type { IdentitySource } from './identity/sources/identity-source.ts';
export { openDirectoryIdentity } from './identity/sources/open-identity.ts';
export type { RenewingOptions } from './identity/sources/renewing-identity.ts';
export { type EnsureIdentityOptions, ensureIdentity } from './identity/upkeep/ensure-identity.ts';
export { ClientSession, openSession, type Turn } from './services/client-session.ts';
export { eventsServiceDefinition, type PublishArguments } from './services/events-service.ts';
export {
	type ActionTarget,
	type ExecInput,
	type ExecOutput,
	type ExecResource,
	type ExecSessionInfo,
	execService,
	type SessionInput,
	type StreamError,
} from './services/exec-service.ts';
export {
	type ItemSource,
	type ServiceCallOptions,
	type ServiceClient,
	serviceClient,
} from './services/service-client.ts';
export {
	type BuildTimes,
	type HookOutcome,
	type OpenSession,
	type SessionInfo,
	type SessionPluginReport,
	type SkippedHook,
	sessionsService,
} from './services/sessions-service.ts';
export { type ErrorCode, errorCodes } from './wire/error-code.ts';
export type { PluginManifest, Requirements, ToolDefinition } from './wire/generated/messages.ts';
export type { JsonObject, JsonValue } from './wire/json-value.ts';
export { type ErrorOptions, OrchestraError, ToolError } from './wire/orchestra-error.ts';

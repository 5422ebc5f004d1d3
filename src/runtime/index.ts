// The public surface of the package: what an author of plugins and a program that hosts or calls them need.

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
	type ExchangeHandler,
	type KeepAlive,
	type Listener,
	type ListenOptions,
} from './carrier/carrier.ts';
export { type ExchangePhases, type ExchangeTiming, phasesOf } from './carrier/exchange-timing.ts';
export { connectInProcess, type InProcessOptions } from './carrier/memory/memory-connection.ts';
export { dial, listen } from './carrier/network-carrier.ts';
export type { CarrierName, Peer } from './carrier/peer.ts';
export {
	connectPersistently,
	type PersistentConnection,
	type PersistentOptions,
	type PersistentState,
} from './carrier/persistent-connection.ts';
export { RequestMemory } from './carrier/request-memory.ts';
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
export type { BusEvent, BusSubscriber, BusSubscription, EventBus, NewEvent } from './events/event-bus.ts';
export type { ReplayLimits } from './events/event-history.ts';
export { MemoryEventBus, type MemoryEventBusOptions } from './events/memory-event-bus.ts';
export { ActionTargetBuilder } from './exec/action-target.ts';
export { ExecError, type ExecErrorOptions } from './exec/exec-error.ts';
export type {
	CommandOutput,
	CommandResult,
	ExecContext,
	ExecHandler,
	ExecLog,
	ExecOptions,
	TerminalHandler,
} from './exec/exec-handler.ts';
export type {
	ExitStatus,
	HandlerTerminal,
	OutputTarget,
	Program,
	RunningProgram,
	Terminal,
	TerminalFactory,
	TerminalOutput,
	TerminalSize,
} from './exec/terminal/terminal.ts';
export type { CodePlace } from './hosting/containment/embedded-plugins.ts';
export { type EmbeddedOptions, embedded } from './hosting/embedded-source.ts';
export type { HostedPlugin, HostingKind, PluginEnd } from './hosting/hosted-plugin.ts';
export type { PluginSlot, SlotPolicy, SlotState, SwapOptions } from './hosting/plugin-slot.ts';
export type { PluginHost, PluginSource } from './hosting/plugin-source.ts';
export { defaultSupervision, type SupervisionPolicy } from './hosting/supervision/supervision-policy.ts';
export { ensureAuthority } from './identity/directory/authority.ts';
export { resolveCertsDir } from './identity/directory/certs-directory.ts';
export type { Identity } from './identity/identity.ts';
export type { Revocation, Revocations } from './identity/revocations.ts';
export type { IdentitySource } from './identity/sources/identity-source.ts';
export { openDirectoryIdentity } from './identity/sources/open-identity.ts';
export type { RenewingOptions } from './identity/sources/renewing-identity.ts';
export { type EnsureIdentityOptions, ensureIdentity } from './identity/upkeep/ensure-identity.ts';
export type { Authority } from './identity/x509/issue.ts';
export type { OrchestratorChange } from './orchestrator/change.ts';
export type { Interceptor } from './orchestrator/interceptor.ts';
export {
	type ConnectOptions,
	Orchestrator,
	type OrchestratorOptions,
	type StopOptions,
} from './orchestrator/orchestrator.ts';
export type { CallUnderWay } from './orchestrator/under-way.ts';
export type {
	AnsweredContext,
	PluginContext,
	PromptContext,
	PublishOptions,
	ToolContext,
} from './plugin/definition/context.ts';
export { createPlugin } from './plugin/definition/create-plugin.ts';
export type { ExportedPlugin, ExportedTool } from './plugin/definition/exported-plugin.ts';
export {
	type InputRequest,
	type InputRequiredOptions,
	inputRequired,
} from './plugin/definition/input-required.ts';
export type { HealthReport, Lifecycle } from './plugin/definition/lifecycle.ts';
export type { Log, LogEntry, LogLevel } from './plugin/definition/log.ts';
export { createManifest, ManifestBuilder } from './plugin/definition/manifest-builder.ts';
export { matchesPattern } from './plugin/definition/matches-pattern.ts';
export { isPlugin, type Plugin, type PluginSettings } from './plugin/definition/plugin.ts';
export { PluginBuilder } from './plugin/definition/plugin-builder.ts';
export type {
	Prompt,
	PromptArgument,
	PromptArguments,
	PromptBlock,
	PromptHandler,
	PromptMessage,
	PromptOptions,
	PromptResult,
} from './plugin/definition/prompt.ts';
export {
	defaultHookTimeoutMs,
	type Hook,
	type HookContext,
	type HookHandler,
	type HookOptions,
	hookNames,
} from './plugin/definition/session/hook.ts';
export type { Operation, OperationHandler, OperationOptions } from './plugin/definition/session/operation.ts';
export {
	buildBudgetMs,
	type SessionPlugin,
	type SessionPluginFactory,
	type SessionRegistrar,
} from './plugin/definition/session/session-plugin.ts';
export { storageConflict, storageNotFound } from './plugin/definition/storage-error.ts';
export type {
	StorageHandler,
	StorageList,
	StoragePath,
	StorageWrite,
	StoredContent,
} from './plugin/definition/storage-handler.ts';
export type {
	EventHandler,
	PluginEvent,
	RunningSubscribeOptions,
	SubscribeOptions,
	Subscription,
	Unsubscribe,
} from './plugin/definition/subscription.ts';
export type {
	JsonSchema,
	JsonSchemaToolOptions,
	StandardToolOptions,
	StreamingToolHandler,
	Tool,
	ToolHandler,
} from './plugin/definition/tool.ts';
export type { ToolAnnotations } from './plugin/definition/tool-annotations.ts';
export type { Fault } from './plugin/input/fault.ts';
export type { InputResult, InputSchema } from './plugin/input/input-schema.ts';
export { runIfMain } from './plugin/process/run-if-main.ts';
export type { RunOptions } from './plugin/process/run-options.ts';
export { runPlugin } from './plugin/process/run-plugin.ts';
export { workspaceFolder } from './plugin/process/workspace.ts';
export { createDispatcher, type Dispatcher } from './plugin/serving/dispatcher.ts';
export { loneServices } from './plugin/serving/lone-services.ts';
export type { PluginServices } from './plugin/serving/plugin-services.ts';
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
	type BidirectionalMethod,
	bidirectional,
	type ClientStreamMethod,
	clientStream,
	defineService,
	type ServiceDefinition,
	type ServiceMethods,
	type StreamMethod,
	serverStream,
	type UnaryMethod,
	unary,
} from './services/service-definition.ts';
export {
	type ServedService,
	type ServiceContext,
	type ServiceHandlers,
	serveService,
} from './services/service-server.ts';
export type {
	HookEffects,
	HookInfo,
	OperationInfo,
	PostPersistAction,
	SessionContext,
	SessionParameter,
	SessionSnapshot,
	TurnMessage,
} from './services/session-plugin-service.ts';
export {
	type BuildTimes,
	type HookOutcome,
	type OpenSession,
	type SessionInfo,
	type SessionPluginReport,
	type SkippedHook,
	sessionsService,
} from './services/sessions-service.ts';
export { defaultIdleMs, SessionHost, type SessionOptions } from './sessions/session-host.ts';
export { type SessionClock, systemClock } from './sessions/session-runtime.ts';
export { type ErrorCode, errorCodes } from './wire/error-code.ts';
export { decodeRequest, decodeResponse, encodeRequestFrame, encodeResponseFrame } from './wire/frame.ts';
export { FrameDecoder } from './wire/frame-decoder.ts';
export type {
	PluginManifest,
	PluginRequest,
	PluginResponse,
	Requirements,
	ToolDefinition,
} from './wire/generated/messages.ts';
export type { JsonObject, JsonValue } from './wire/json-value.ts';
export { maxMessageBytes, maxNestingDepth } from './wire/limits.ts';
export { type ErrorOptions, OrchestraError, ToolError } from './wire/orchestra-error.ts';

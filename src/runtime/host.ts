// Entry for programs that run plugins, in their own process or in others, and route between them: `orchestra-toolchain/host`.

export {
	type Address,
	formatAddress,
	isAddressUrl,
	type NetworkCarrier,
	parseAddress,
} from './carrier/address.ts';
export type { Connection, ExchangeHandler, Listener, ListenOptions } from './carrier/carrier.ts';
export { connectInProcess, type InProcessOptions } from './carrier/memory/memory-connection.ts';
export { listen } from './carrier/network-carrier.ts';
export type { CarrierName, Peer } from './carrier/peer.ts';
export { RequestMemory } from './carrier/request-memory.ts';
export type { BusEvent, BusSubscriber, BusSubscription, EventBus, NewEvent } from './events/event-bus.ts';
export type { ReplayLimits } from './events/event-history.ts';
export { MemoryEventBus, type MemoryEventBusOptions } from './events/memory-event-bus.ts';
export { type ExecClock, systemExecClock } from './exec/exec-clock.ts';
export { type ExecCaller, ExecManager, type ExecManagerOptions } from './exec/exec-manager.ts';
export { OutputBuffer } from './exec/output-buffer.ts';
export type { OutputSink, SessionOutput } from './exec/output-sink.ts';
export { serveExec } from './exec/serve-exec.ts';
export {
	type ProcessSignal,
	processSignal,
	type StreamSignal,
	streamSignal,
	streamSignals,
} from './exec/stream-signal.ts';
export { BaseTerminal } from './exec/terminal/base-terminal.ts';
export { openTerminal } from './exec/terminal/open-terminal.ts';
export type { Viewer } from './exec/viewer.ts';
export {
	type Containment,
	type ContainmentOptions,
	containPlugins,
} from './hosting/containment/contain-plugins.ts';
export type { CodePlace } from './hosting/containment/embedded-plugins.ts';
export type {
	EventLoopWatch,
	EventLoopWatchOptions,
	LoopBlock,
} from './hosting/containment/event-loop-watch.ts';
export type { StrayError } from './hosting/containment/stray-errors.ts';
export { type EmbeddedOptions, embedded } from './hosting/embedded-source.ts';
export type { HostedPlugin, HostingKind, PluginEnd } from './hosting/hosted-plugin.ts';
export { type LaunchCommand, type LaunchedOptions, launched } from './hosting/launched-source.ts';
export type { PluginSlot, SlotPolicy, SlotState, SwapOptions } from './hosting/plugin-slot.ts';
export type { PluginHost, PluginSource } from './hosting/plugin-source.ts';
export { Registrations } from './hosting/registrations.ts';
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
export { discoverPlugins } from './launching/discover-plugins.ts';
export { type LaunchOptions, launchPlugin } from './launching/launch-plugin.ts';
export type { LaunchedPlugin } from './launching/launched-plugin.ts';
export type { ProcessStopOptions, StopReport } from './launching/stop-process.ts';
export type { OrchestratorChange } from './orchestrator/change.ts';
export type { Interceptor } from './orchestrator/interceptor.ts';
export {
	type ConnectOptions,
	Orchestrator,
	type OrchestratorOptions,
	type StopOptions,
} from './orchestrator/orchestrator.ts';
export type { CallUnderWay } from './orchestrator/under-way.ts';
export type { ExitStatus } from './platform/exit-status.ts';
export type { Log, LogEntry, LogLevel } from './plugin/definition/log.ts';
export { isPlugin, type Plugin } from './plugin/definition/plugin.ts';
export { createDispatcher, type Dispatcher } from './plugin/serving/dispatcher.ts';
export { loneServices } from './plugin/serving/lone-services.ts';
export type { PluginServices } from './plugin/serving/plugin-services.ts';
export { defaultIdleMs, SessionHost, type SessionOptions } from './sessions/session-host.ts';
export { type SessionClock, systemClock } from './sessions/session-runtime.ts';
export { startTelemetry, stopTelemetry } from './telemetry/start-telemetry.ts';
export type { TelemetryOptions } from './telemetry/telemetry-options.ts';
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
export { type ErrorOptions, OrchestraError } from './wire/orchestra-error.ts';

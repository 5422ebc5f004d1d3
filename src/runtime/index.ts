// Entry for authors of plugins: `orchestra-toolchain`. Clients are in `orchestra-toolchain/client`, hosts in
// `orchestra-toolchain/host`, and what tests need in `orchestra-toolchain/testing`: every plugin loads this file, and none of those.

export type { CarrierName, Peer } from './carrier/peer.ts';
export type {
	AnsweredOptions,
	CallOptions,
	PublishedEvent,
	ToolCallOptions,
	ToolStreamOptions,
} from './client/call-options.ts';
export type { ToolChunk } from './client/chunk-queue.ts';
export type { FilledPrompt, Health } from './client/listings.ts';
export { PeerError } from './client/peer-error.ts';
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
	HandlerTerminal,
	OutputTarget,
	Program,
	RunningProgram,
	Terminal,
	TerminalFactory,
	TerminalOutput,
	TerminalSize,
} from './exec/terminal/terminal.ts';
export type { ExitStatus } from './platform/exit-status.ts';
export type {
	AnsweredContext,
	EventHandler,
	PluginContext,
	PromptContext,
	PublishOptions,
	ToolContext,
	Unsubscribe,
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
export type { PluginEvent } from './plugin/definition/plugin-event.ts';
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
export type { RunningSubscribeOptions, SubscribeOptions } from './plugin/definition/subscribe-options.ts';
export type { Subscription } from './plugin/definition/subscription.ts';
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
export type { ActionTarget, ExecResource } from './services/exec-service.ts';
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
export { type ErrorCode, errorCodes } from './wire/error-code.ts';
export type { PluginManifest, Requirements, ToolDefinition } from './wire/generated/messages.ts';
export type { JsonObject, JsonValue } from './wire/json-value.ts';
export { maxMessageBytes, maxNestingDepth } from './wire/limits.ts';
export { type ErrorOptions, OrchestraError, ToolError } from './wire/orchestra-error.ts';

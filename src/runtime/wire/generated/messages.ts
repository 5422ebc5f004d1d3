// Generated from proto/ by scripts/generate-messages.mjs. Do not edit.

import type { JsonObject } from '../json-value.ts';

/** google.protobuf.Timestamp */
export interface Timestamp {
	seconds?: number;
	nanos?: number;
}

export interface PluginRequest {
	requestId?: string;
	register?: PluginManifest;
	boot?: BootRequest;
	shutdown?: ShutdownRequest;
	health?: HealthRequest;
	toolCall?: ToolRequest;
	listTools?: ListToolsRequest;
	listPrompts?: ListPromptsRequest;
	promptGet?: PromptGetRequest;
	storageRead?: StorageReadRequest;
	storageWrite?: StorageWriteRequest;
	storageDelete?: StorageDeleteRequest;
	storageList?: StorageListRequest;
	streamStart?: StreamStart;
	streamCancel?: StreamCancel;
	subscribe?: Subscribe;
	unsubscribe?: Unsubscribe;
	publish?: Publish;
	describe?: DescribeRequest;
	streamCredit?: StreamCredit;
	serviceCall?: ServiceCall;
	streamInput?: StreamInput;
	timeoutMs?: number;
	acceptsProgress?: boolean;
	streamWindow?: number;
	wantsTiming?: boolean;
	sendsInput?: boolean;
	acceptsOutput?: boolean;
	traceParent?: string;
	cluster?: ClusterCall;
}

export interface ClusterCall {
	plugin?: string;
	instance?: string;
	token?: number;
}

export interface PluginResponse {
	requestId?: string;
	register?: RegistrationResult;
	boot?: BootResult;
	shutdown?: ShutdownResult;
	health?: HealthResult;
	toolCall?: ToolResponse;
	listTools?: ListToolsResponse;
	listPrompts?: ListPromptsResponse;
	promptGet?: PromptGetResponse;
	storageRead?: StorageReadResponse;
	storageWrite?: StorageWriteResponse;
	storageDelete?: StorageDeleteResponse;
	storageList?: StorageListResponse;
	streamChunk?: StreamChunk;
	streamEnd?: StreamEnd;
	eventDelivery?: EventDelivery;
	describe?: DescribeResponse;
	progress?: Progress;
	serviceResult?: ServiceResult;
	inputCredit?: InputCredit;
	error?: ErrorInfo;
	handlerMs?: number;
}

export interface ErrorInfo {
	code?: string;
	message?: string;
	retryable?: boolean;
	details?: JsonObject;
	hint?: string;
	origin?: string;
}

export type DescribeRequest = Record<string, never>;

export interface DescribeResponse {
	plugins?: PluginManifest[];
	software?: string;
	extensions?: string[];
	orchestrator?: boolean;
	statuses?: PluginStatus[];
}

export interface PluginStatus {
	id?: string;
	pluginId?: string;
	state?: string;
	reason?: string;
	source?: string;
	label?: string;
	since?: Timestamp;
	starts?: number;
	pid?: number;
	health?: string;
	latencyMs?: number;
	loopLagMs?: number;
	memoryBytes?: number;
}

export interface ServiceCall {
	service?: string;
	version?: number;
	method?: string;
	arguments?: JsonObject;
	plugin?: string;
	caller?: string;
	traceParent?: string;
	sessionId?: string;
}

export interface ServiceResult {
	result?: JsonObject;
}

export interface StreamCredit {
	bytes?: number;
	silenceMs?: number;
}

export interface StreamInput {
	data?: Uint8Array;
	contentType?: string;
	end?: boolean;
}

export interface InputCredit {
	bytes?: number;
}

export interface Progress {
	progress?: number;
	total?: number;
	message?: string;
	output?: string;
}

export interface PluginManifest {
	id?: string;
	version?: string;
	language?: string;
	providesTools?: string[];
	providesEvents?: string[];
	providesStorage?: string[];
	providesTransport?: string[];
	providesAi?: string[];
	needsStorage?: string[];
	needsEvents?: string[];
	needsAi?: string[];
	needsTools?: string[];
	description?: string;
	author?: string;
	binary?: string;
	args?: string[];
	env?: Record<string, string>;
	providesPrompts?: string[];
	requires?: Requirements;
}

export interface Requirements {
	protocol?: number;
	runtime?: string;
}

export interface RegistrationResult {
	accepted?: boolean;
	rejectReason?: string;
}

export interface BootRequest {
	config?: Record<string, string>;
}

export interface BootResult {
	ready?: boolean;
	error?: string;
}

export interface ShutdownRequest {
	timeoutSeconds?: number;
}

export interface ShutdownResult {
	clean?: boolean;
}

export type HealthRequest = Record<string, never>;

export const Status = {
	unspecified: 0,
	healthy: 1,
	degraded: 2,
	unhealthy: 3,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

export interface HealthResult {
	status?: Status;
	message?: string;
	details?: Record<string, string>;
	loopLagMs?: number;
	memoryBytes?: number;
}

export interface ToolRequest {
	toolName?: string;
	arguments?: JsonObject;
	callerPlugin?: string;
	traceParent?: string;
	provider?: string;
	sessionId?: string;
	plugin?: string;
	via?: string[];
	inputResponses?: JsonObject;
	requestState?: string;
}

export interface ToolResponse {
	success?: boolean;
	result?: JsonObject;
	errorCode?: string;
	errorMessage?: string;
}

export type ListToolsRequest = Record<string, never>;

export interface ListToolsResponse {
	tools?: ToolDefinition[];
}

export interface ToolDefinition {
	name?: string;
	description?: string;
	inputSchema?: JsonObject;
	streaming?: boolean;
	plugin?: string;
	unavailable?: string;
	title?: string;
	annotations?: JsonObject;
	outputSchema?: JsonObject;
}

export type ListPromptsRequest = Record<string, never>;

export interface ListPromptsResponse {
	prompts?: PromptDefinition[];
}

export interface PromptDefinition {
	name?: string;
	description?: string;
	arguments?: PromptArgument[];
	plugin?: string;
}

export interface PromptArgument {
	name?: string;
	description?: string;
	required?: boolean;
	values?: string[];
}

export interface PromptGetRequest {
	promptName?: string;
	arguments?: Record<string, string>;
	inputResponses?: JsonObject;
	requestState?: string;
}

export interface PromptGetResponse {
	description?: string;
	messages?: PromptMessage[];
}

export interface PromptMessage {
	role?: string;
	content?: ContentBlock;
}

export interface ContentBlock {
	type?: string;
	text?: string;
	block?: JsonObject;
}

export interface StorageReadRequest {
	path?: string;
	storageType?: string;
}

export interface StorageReadResponse {
	content?: Uint8Array;
	metadata?: JsonObject;
	version?: number;
}

export interface StorageWriteRequest {
	path?: string;
	content?: Uint8Array;
	metadata?: JsonObject;
	expectedVersion?: number;
	storageType?: string;
}

export interface StorageWriteResponse {
	success?: boolean;
	newVersion?: number;
	error?: string;
}

export interface StorageDeleteRequest {
	path?: string;
	storageType?: string;
}

export interface StorageDeleteResponse {
	success?: boolean;
}

export interface StorageListRequest {
	prefix?: string;
	pattern?: string;
	storageType?: string;
}

export interface StorageListResponse {
	entries?: StorageEntry[];
}

export interface StorageEntry {
	path?: string;
	size?: number;
	version?: number;
	modifiedAt?: Timestamp;
}

export interface StreamStart {
	streamId?: string;
	toolName?: string;
	arguments?: JsonObject;
	callerPlugin?: string;
	traceParent?: string;
	provider?: string;
	sessionId?: string;
	plugin?: string;
	via?: string[];
}

export interface StreamCancel {
	streamId?: string;
}

export interface StreamChunk {
	streamId?: string;
	data?: Uint8Array;
	contentType?: string;
	sequence?: number;
}

export interface StreamEnd {
	streamId?: string;
	success?: boolean;
	errorCode?: string;
	errorMessage?: string;
	totalChunks?: number;
}

export interface Subscribe {
	subscriptionId?: string;
	topic?: string;
	filters?: Record<string, string>;
	replay?: number;
}

export interface Unsubscribe {
	subscriptionId?: string;
}

export interface Publish {
	topic?: string;
	eventType?: string;
	payload?: JsonObject;
	sourcePlugin?: string;
	id?: string;
	time?: Timestamp;
	missed?: number;
	subscriptionId?: string;
}

export interface EventDelivery {
	subscriptionId?: string;
	topic?: string;
	eventType?: string;
	payload?: JsonObject;
	sourcePlugin?: string;
	timestamp?: Timestamp;
}

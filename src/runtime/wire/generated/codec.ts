// Generated from proto/ by scripts/generate-messages.mjs. Do not edit.
import { messageBytes } from '../decoded-size.ts';
import type { MessageCodec } from '../message-codec.ts';
import type { MessageReader } from '../message-reader.ts';
import type { MessageWriter } from '../message-writer.ts';
import { readStruct } from '../struct-reader.ts';
import { writeStruct } from '../struct-writer.ts';
import { readTextEntry, writeTextMap } from '../text-map.ts';
import type * as messages from './messages.ts';

/** Of the fields of a oneof only the one that was read last stays. */
function keepOne<T extends object, K extends keyof T>(m: T, before: K | undefined, now: K): K {
	if (before !== undefined && before !== now) delete m[before];
	return now;
}

function writePluginRequest(w: MessageWriter, m: messages.PluginRequest): void {
	if (m.cluster != null) {
		const before = w.size;
		writeClusterCall(w, m.cluster);
		w.close(before, 1602);
	}
	if (m.traceParent) {
		w.string(m.traceParent);
		w.varint(1522);
	}
	if (m.acceptsOutput) {
		w.bool(m.acceptsOutput);
		w.varint(1440);
	}
	if (m.sendsInput) {
		w.bool(m.sendsInput);
		w.varint(1208);
	}
	if (m.streamInput != null) {
		const before = w.size;
		writeStreamInput(w, m.streamInput);
		w.close(before, 1202);
	}
	if (m.serviceCall != null) {
		const before = w.size;
		writeServiceCall(w, m.serviceCall);
		w.close(before, 962);
	}
	if (m.wantsTiming) {
		w.bool(m.wantsTiming);
		w.varint(904);
	}
	if (m.streamWindow) {
		w.uint32(m.streamWindow);
		w.varint(896);
	}
	if (m.acceptsProgress) {
		w.bool(m.acceptsProgress);
		w.varint(888);
	}
	if (m.timeoutMs) {
		w.uint32(m.timeoutMs);
		w.varint(880);
	}
	if (m.streamCredit != null) {
		const before = w.size;
		writeStreamCredit(w, m.streamCredit);
		w.close(before, 810);
	}
	if (m.describe != null) {
		const before = w.size;
		writeDescribeRequest(w, m.describe);
		w.close(before, 802);
	}
	if (m.publish != null) {
		const before = w.size;
		writePublish(w, m.publish);
		w.close(before, 418);
	}
	if (m.unsubscribe != null) {
		const before = w.size;
		writeUnsubscribe(w, m.unsubscribe);
		w.close(before, 410);
	}
	if (m.subscribe != null) {
		const before = w.size;
		writeSubscribe(w, m.subscribe);
		w.close(before, 402);
	}
	if (m.streamCancel != null) {
		const before = w.size;
		writeStreamCancel(w, m.streamCancel);
		w.close(before, 330);
	}
	if (m.streamStart != null) {
		const before = w.size;
		writeStreamStart(w, m.streamStart);
		w.close(before, 322);
	}
	if (m.storageList != null) {
		const before = w.size;
		writeStorageListRequest(w, m.storageList);
		w.close(before, 266);
	}
	if (m.storageDelete != null) {
		const before = w.size;
		writeStorageDeleteRequest(w, m.storageDelete);
		w.close(before, 258);
	}
	if (m.storageWrite != null) {
		const before = w.size;
		writeStorageWriteRequest(w, m.storageWrite);
		w.close(before, 250);
	}
	if (m.storageRead != null) {
		const before = w.size;
		writeStorageReadRequest(w, m.storageRead);
		w.close(before, 242);
	}
	if (m.promptGet != null) {
		const before = w.size;
		writePromptGetRequest(w, m.promptGet);
		w.close(before, 186);
	}
	if (m.listPrompts != null) {
		const before = w.size;
		writeListPromptsRequest(w, m.listPrompts);
		w.close(before, 178);
	}
	if (m.listTools != null) {
		const before = w.size;
		writeListToolsRequest(w, m.listTools);
		w.close(before, 170);
	}
	if (m.toolCall != null) {
		const before = w.size;
		writeToolRequest(w, m.toolCall);
		w.close(before, 162);
	}
	if (m.health != null) {
		const before = w.size;
		writeHealthRequest(w, m.health);
		w.close(before, 106);
	}
	if (m.shutdown != null) {
		const before = w.size;
		writeShutdownRequest(w, m.shutdown);
		w.close(before, 98);
	}
	if (m.boot != null) {
		const before = w.size;
		writeBootRequest(w, m.boot);
		w.close(before, 90);
	}
	if (m.register != null) {
		const before = w.size;
		writePluginManifest(w, m.register);
		w.close(before, 82);
	}
	if (m.requestId) {
		w.string(m.requestId);
		w.varint(10);
	}
}

function readPluginRequest(r: MessageReader, m: messages.PluginRequest = {}): messages.PluginRequest {
	let kind: 'register' | 'boot' | 'shutdown' | 'health' | 'toolCall' | 'listTools' | 'listPrompts' | 'promptGet' | 'storageRead' | 'storageWrite' | 'storageDelete' | 'storageList' | 'streamStart' | 'streamCancel' | 'subscribe' | 'unsubscribe' | 'publish' | 'describe' | 'streamCredit' | 'serviceCall' | 'streamInput' | undefined;
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.requestId = r.string();
				break;
			}
			case 82: {
				const outer = r.enter();
				m.register = readPluginManifest(r, m.register);
				r.leave(outer);
				kind = keepOne(m, kind, 'register');
				break;
			}
			case 90: {
				const outer = r.enter();
				m.boot = readBootRequest(r, m.boot);
				r.leave(outer);
				kind = keepOne(m, kind, 'boot');
				break;
			}
			case 98: {
				const outer = r.enter();
				m.shutdown = readShutdownRequest(r, m.shutdown);
				r.leave(outer);
				kind = keepOne(m, kind, 'shutdown');
				break;
			}
			case 106: {
				const outer = r.enter();
				m.health = readHealthRequest(r, m.health);
				r.leave(outer);
				kind = keepOne(m, kind, 'health');
				break;
			}
			case 162: {
				const outer = r.enter();
				m.toolCall = readToolRequest(r, m.toolCall);
				r.leave(outer);
				kind = keepOne(m, kind, 'toolCall');
				break;
			}
			case 170: {
				const outer = r.enter();
				m.listTools = readListToolsRequest(r, m.listTools);
				r.leave(outer);
				kind = keepOne(m, kind, 'listTools');
				break;
			}
			case 178: {
				const outer = r.enter();
				m.listPrompts = readListPromptsRequest(r, m.listPrompts);
				r.leave(outer);
				kind = keepOne(m, kind, 'listPrompts');
				break;
			}
			case 186: {
				const outer = r.enter();
				m.promptGet = readPromptGetRequest(r, m.promptGet);
				r.leave(outer);
				kind = keepOne(m, kind, 'promptGet');
				break;
			}
			case 242: {
				const outer = r.enter();
				m.storageRead = readStorageReadRequest(r, m.storageRead);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageRead');
				break;
			}
			case 250: {
				const outer = r.enter();
				m.storageWrite = readStorageWriteRequest(r, m.storageWrite);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageWrite');
				break;
			}
			case 258: {
				const outer = r.enter();
				m.storageDelete = readStorageDeleteRequest(r, m.storageDelete);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageDelete');
				break;
			}
			case 266: {
				const outer = r.enter();
				m.storageList = readStorageListRequest(r, m.storageList);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageList');
				break;
			}
			case 322: {
				const outer = r.enter();
				m.streamStart = readStreamStart(r, m.streamStart);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamStart');
				break;
			}
			case 330: {
				const outer = r.enter();
				m.streamCancel = readStreamCancel(r, m.streamCancel);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamCancel');
				break;
			}
			case 402: {
				const outer = r.enter();
				m.subscribe = readSubscribe(r, m.subscribe);
				r.leave(outer);
				kind = keepOne(m, kind, 'subscribe');
				break;
			}
			case 410: {
				const outer = r.enter();
				m.unsubscribe = readUnsubscribe(r, m.unsubscribe);
				r.leave(outer);
				kind = keepOne(m, kind, 'unsubscribe');
				break;
			}
			case 418: {
				const outer = r.enter();
				m.publish = readPublish(r, m.publish);
				r.leave(outer);
				kind = keepOne(m, kind, 'publish');
				break;
			}
			case 802: {
				const outer = r.enter();
				m.describe = readDescribeRequest(r, m.describe);
				r.leave(outer);
				kind = keepOne(m, kind, 'describe');
				break;
			}
			case 810: {
				const outer = r.enter();
				m.streamCredit = readStreamCredit(r, m.streamCredit);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamCredit');
				break;
			}
			case 880: {
				m.timeoutMs = r.uint32();
				break;
			}
			case 888: {
				m.acceptsProgress = r.bool();
				break;
			}
			case 896: {
				m.streamWindow = r.uint32();
				break;
			}
			case 904: {
				m.wantsTiming = r.bool();
				break;
			}
			case 962: {
				const outer = r.enter();
				m.serviceCall = readServiceCall(r, m.serviceCall);
				r.leave(outer);
				kind = keepOne(m, kind, 'serviceCall');
				break;
			}
			case 1202: {
				const outer = r.enter();
				m.streamInput = readStreamInput(r, m.streamInput);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamInput');
				break;
			}
			case 1208: {
				m.sendsInput = r.bool();
				break;
			}
			case 1440: {
				m.acceptsOutput = r.bool();
				break;
			}
			case 1522: {
				m.traceParent = r.string();
				break;
			}
			case 1602: {
				const outer = r.enter();
				m.cluster = readClusterCall(r, m.cluster);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeClusterCall(w: MessageWriter, m: messages.ClusterCall): void {
	if (m.token) {
		w.int(m.token);
		w.varint(24);
	}
	if (m.instance) {
		w.string(m.instance);
		w.varint(18);
	}
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(10);
	}
}

function readClusterCall(r: MessageReader, m: messages.ClusterCall = {}): messages.ClusterCall {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.plugin = r.key();
				break;
			}
			case 18: {
				m.instance = r.string();
				break;
			}
			case 24: {
				m.token = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePluginResponse(w: MessageWriter, m: messages.PluginResponse): void {
	if (m.inputCredit != null) {
		const before = w.size;
		writeInputCredit(w, m.inputCredit);
		w.close(before, 1202);
	}
	if (m.serviceResult != null) {
		const before = w.size;
		writeServiceResult(w, m.serviceResult);
		w.close(before, 962);
	}
	if (m.handlerMs) {
		w.double(m.handlerMs);
		w.varint(889);
	}
	if (m.error != null) {
		const before = w.size;
		writeErrorInfo(w, m.error);
		w.close(before, 882);
	}
	if (m.progress != null) {
		const before = w.size;
		writeProgress(w, m.progress);
		w.close(before, 810);
	}
	if (m.describe != null) {
		const before = w.size;
		writeDescribeResponse(w, m.describe);
		w.close(before, 802);
	}
	if (m.eventDelivery != null) {
		const before = w.size;
		writeEventDelivery(w, m.eventDelivery);
		w.close(before, 402);
	}
	if (m.streamEnd != null) {
		const before = w.size;
		writeStreamEnd(w, m.streamEnd);
		w.close(before, 330);
	}
	if (m.streamChunk != null) {
		const before = w.size;
		writeStreamChunk(w, m.streamChunk);
		w.close(before, 322);
	}
	if (m.storageList != null) {
		const before = w.size;
		writeStorageListResponse(w, m.storageList);
		w.close(before, 266);
	}
	if (m.storageDelete != null) {
		const before = w.size;
		writeStorageDeleteResponse(w, m.storageDelete);
		w.close(before, 258);
	}
	if (m.storageWrite != null) {
		const before = w.size;
		writeStorageWriteResponse(w, m.storageWrite);
		w.close(before, 250);
	}
	if (m.storageRead != null) {
		const before = w.size;
		writeStorageReadResponse(w, m.storageRead);
		w.close(before, 242);
	}
	if (m.promptGet != null) {
		const before = w.size;
		writePromptGetResponse(w, m.promptGet);
		w.close(before, 186);
	}
	if (m.listPrompts != null) {
		const before = w.size;
		writeListPromptsResponse(w, m.listPrompts);
		w.close(before, 178);
	}
	if (m.listTools != null) {
		const before = w.size;
		writeListToolsResponse(w, m.listTools);
		w.close(before, 170);
	}
	if (m.toolCall != null) {
		const before = w.size;
		writeToolResponse(w, m.toolCall);
		w.close(before, 162);
	}
	if (m.health != null) {
		const before = w.size;
		writeHealthResult(w, m.health);
		w.close(before, 106);
	}
	if (m.shutdown != null) {
		const before = w.size;
		writeShutdownResult(w, m.shutdown);
		w.close(before, 98);
	}
	if (m.boot != null) {
		const before = w.size;
		writeBootResult(w, m.boot);
		w.close(before, 90);
	}
	if (m.register != null) {
		const before = w.size;
		writeRegistrationResult(w, m.register);
		w.close(before, 82);
	}
	if (m.requestId) {
		w.string(m.requestId);
		w.varint(10);
	}
}

function readPluginResponse(r: MessageReader, m: messages.PluginResponse = {}): messages.PluginResponse {
	let kind: 'register' | 'boot' | 'shutdown' | 'health' | 'toolCall' | 'listTools' | 'listPrompts' | 'promptGet' | 'storageRead' | 'storageWrite' | 'storageDelete' | 'storageList' | 'streamChunk' | 'streamEnd' | 'eventDelivery' | 'describe' | 'progress' | 'serviceResult' | 'inputCredit' | undefined;
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.requestId = r.string();
				break;
			}
			case 82: {
				const outer = r.enter();
				m.register = readRegistrationResult(r, m.register);
				r.leave(outer);
				kind = keepOne(m, kind, 'register');
				break;
			}
			case 90: {
				const outer = r.enter();
				m.boot = readBootResult(r, m.boot);
				r.leave(outer);
				kind = keepOne(m, kind, 'boot');
				break;
			}
			case 98: {
				const outer = r.enter();
				m.shutdown = readShutdownResult(r, m.shutdown);
				r.leave(outer);
				kind = keepOne(m, kind, 'shutdown');
				break;
			}
			case 106: {
				const outer = r.enter();
				m.health = readHealthResult(r, m.health);
				r.leave(outer);
				kind = keepOne(m, kind, 'health');
				break;
			}
			case 162: {
				const outer = r.enter();
				m.toolCall = readToolResponse(r, m.toolCall);
				r.leave(outer);
				kind = keepOne(m, kind, 'toolCall');
				break;
			}
			case 170: {
				const outer = r.enter();
				m.listTools = readListToolsResponse(r, m.listTools);
				r.leave(outer);
				kind = keepOne(m, kind, 'listTools');
				break;
			}
			case 178: {
				const outer = r.enter();
				m.listPrompts = readListPromptsResponse(r, m.listPrompts);
				r.leave(outer);
				kind = keepOne(m, kind, 'listPrompts');
				break;
			}
			case 186: {
				const outer = r.enter();
				m.promptGet = readPromptGetResponse(r, m.promptGet);
				r.leave(outer);
				kind = keepOne(m, kind, 'promptGet');
				break;
			}
			case 242: {
				const outer = r.enter();
				m.storageRead = readStorageReadResponse(r, m.storageRead);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageRead');
				break;
			}
			case 250: {
				const outer = r.enter();
				m.storageWrite = readStorageWriteResponse(r, m.storageWrite);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageWrite');
				break;
			}
			case 258: {
				const outer = r.enter();
				m.storageDelete = readStorageDeleteResponse(r, m.storageDelete);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageDelete');
				break;
			}
			case 266: {
				const outer = r.enter();
				m.storageList = readStorageListResponse(r, m.storageList);
				r.leave(outer);
				kind = keepOne(m, kind, 'storageList');
				break;
			}
			case 322: {
				const outer = r.enter();
				m.streamChunk = readStreamChunk(r, m.streamChunk);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamChunk');
				break;
			}
			case 330: {
				const outer = r.enter();
				m.streamEnd = readStreamEnd(r, m.streamEnd);
				r.leave(outer);
				kind = keepOne(m, kind, 'streamEnd');
				break;
			}
			case 402: {
				const outer = r.enter();
				m.eventDelivery = readEventDelivery(r, m.eventDelivery);
				r.leave(outer);
				kind = keepOne(m, kind, 'eventDelivery');
				break;
			}
			case 802: {
				const outer = r.enter();
				m.describe = readDescribeResponse(r, m.describe);
				r.leave(outer);
				kind = keepOne(m, kind, 'describe');
				break;
			}
			case 810: {
				const outer = r.enter();
				m.progress = readProgress(r, m.progress);
				r.leave(outer);
				kind = keepOne(m, kind, 'progress');
				break;
			}
			case 882: {
				const outer = r.enter();
				m.error = readErrorInfo(r, m.error);
				r.leave(outer);
				break;
			}
			case 889: {
				m.handlerMs = r.double();
				break;
			}
			case 962: {
				const outer = r.enter();
				m.serviceResult = readServiceResult(r, m.serviceResult);
				r.leave(outer);
				kind = keepOne(m, kind, 'serviceResult');
				break;
			}
			case 1202: {
				const outer = r.enter();
				m.inputCredit = readInputCredit(r, m.inputCredit);
				r.leave(outer);
				kind = keepOne(m, kind, 'inputCredit');
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeErrorInfo(w: MessageWriter, m: messages.ErrorInfo): void {
	if (m.origin) {
		w.string(m.origin);
		w.varint(1042);
	}
	if (m.hint) {
		w.string(m.hint);
		w.varint(42);
	}
	if (m.details != null) {
		const before = w.size;
		writeStruct(w, m.details);
		w.close(before, 34);
	}
	if (m.retryable) {
		w.bool(m.retryable);
		w.varint(24);
	}
	if (m.message) {
		w.string(m.message);
		w.varint(18);
	}
	if (m.code) {
		w.string(m.code);
		w.varint(10);
	}
}

function readErrorInfo(r: MessageReader, m: messages.ErrorInfo = {}): messages.ErrorInfo {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.code = r.key();
				break;
			}
			case 18: {
				m.message = r.string();
				break;
			}
			case 24: {
				m.retryable = r.bool();
				break;
			}
			case 34: {
				const outer = r.enter();
				m.details = readStruct(r, m.details);
				r.leave(outer);
				break;
			}
			case 42: {
				m.hint = r.string();
				break;
			}
			case 1042: {
				m.origin = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeDescribeRequest(_w: MessageWriter, _m: messages.DescribeRequest): void {
}

function readDescribeRequest(r: MessageReader, m: messages.DescribeRequest = {}): messages.DescribeRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeDescribeResponse(w: MessageWriter, m: messages.DescribeResponse): void {
	if (m.statuses != null) {
		for (let i = m.statuses.length - 1; i >= 0; i--) {
			const item = m.statuses[i];
			if (item === undefined) continue;
			const before = w.size;
			writePluginStatus(w, item);
			w.close(before, 962);
		}
	}
	if (m.orchestrator) {
		w.bool(m.orchestrator);
		w.varint(32);
	}
	if (m.extensions != null) {
		for (let i = m.extensions.length - 1; i >= 0; i--) {
			const item = m.extensions[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(26);
		}
	}
	if (m.software) {
		w.string(m.software);
		w.varint(18);
	}
	if (m.plugins != null) {
		for (let i = m.plugins.length - 1; i >= 0; i--) {
			const item = m.plugins[i];
			if (item === undefined) continue;
			const before = w.size;
			writePluginManifest(w, item);
			w.close(before, 10);
		}
	}
}

function readDescribeResponse(r: MessageReader, m: messages.DescribeResponse = {}): messages.DescribeResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.plugins ??= []).push(readPluginManifest(r));
				r.leave(outer);
				break;
			}
			case 18: {
				m.software = r.string();
				break;
			}
			case 26: {
				(m.extensions ??= []).push(r.string());
				break;
			}
			case 32: {
				m.orchestrator = r.bool();
				break;
			}
			case 962: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.statuses ??= []).push(readPluginStatus(r));
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePluginStatus(w: MessageWriter, m: messages.PluginStatus): void {
	if (m.memoryBytes) {
		w.int(m.memoryBytes);
		w.varint(104);
	}
	if (m.loopLagMs) {
		w.double(m.loopLagMs);
		w.varint(97);
	}
	if (m.latencyMs) {
		w.double(m.latencyMs);
		w.varint(89);
	}
	if (m.health) {
		w.string(m.health);
		w.varint(82);
	}
	if (m.pid) {
		w.uint32(m.pid);
		w.varint(72);
	}
	if (m.starts) {
		w.uint32(m.starts);
		w.varint(64);
	}
	if (m.since != null) {
		const before = w.size;
		writeTimestamp(w, m.since);
		w.close(before, 58);
	}
	if (m.label) {
		w.string(m.label);
		w.varint(50);
	}
	if (m.source) {
		w.string(m.source);
		w.varint(42);
	}
	if (m.reason) {
		w.string(m.reason);
		w.varint(34);
	}
	if (m.state) {
		w.string(m.state);
		w.varint(26);
	}
	if (m.pluginId) {
		w.string(m.pluginId);
		w.varint(18);
	}
	if (m.id) {
		w.string(m.id);
		w.varint(10);
	}
}

function readPluginStatus(r: MessageReader, m: messages.PluginStatus = {}): messages.PluginStatus {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.id = r.string();
				break;
			}
			case 18: {
				m.pluginId = r.string();
				break;
			}
			case 26: {
				m.state = r.string();
				break;
			}
			case 34: {
				m.reason = r.string();
				break;
			}
			case 42: {
				m.source = r.string();
				break;
			}
			case 50: {
				m.label = r.string();
				break;
			}
			case 58: {
				const outer = r.enter();
				m.since = readTimestamp(r, m.since);
				r.leave(outer);
				break;
			}
			case 64: {
				m.starts = r.uint32();
				break;
			}
			case 72: {
				m.pid = r.uint32();
				break;
			}
			case 82: {
				m.health = r.string();
				break;
			}
			case 89: {
				m.latencyMs = r.double();
				break;
			}
			case 97: {
				m.loopLagMs = r.double();
				break;
			}
			case 104: {
				m.memoryBytes = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeServiceCall(w: MessageWriter, m: messages.ServiceCall): void {
	if (m.sessionId) {
		w.string(m.sessionId);
		w.varint(66);
	}
	if (m.traceParent) {
		w.string(m.traceParent);
		w.varint(58);
	}
	if (m.caller) {
		w.string(m.caller);
		w.varint(50);
	}
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(42);
	}
	if (m.arguments != null) {
		const before = w.size;
		writeStruct(w, m.arguments);
		w.close(before, 34);
	}
	if (m.method) {
		w.string(m.method);
		w.varint(26);
	}
	if (m.version) {
		w.uint32(m.version);
		w.varint(16);
	}
	if (m.service) {
		w.string(m.service);
		w.varint(10);
	}
}

function readServiceCall(r: MessageReader, m: messages.ServiceCall = {}): messages.ServiceCall {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.service = r.string();
				break;
			}
			case 16: {
				m.version = r.uint32();
				break;
			}
			case 26: {
				m.method = r.string();
				break;
			}
			case 34: {
				const outer = r.enter();
				m.arguments = readStruct(r, m.arguments);
				r.leave(outer);
				break;
			}
			case 42: {
				m.plugin = r.key();
				break;
			}
			case 50: {
				m.caller = r.string();
				break;
			}
			case 58: {
				m.traceParent = r.string();
				break;
			}
			case 66: {
				m.sessionId = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeServiceResult(w: MessageWriter, m: messages.ServiceResult): void {
	if (m.result != null) {
		const before = w.size;
		writeStruct(w, m.result);
		w.close(before, 10);
	}
}

function readServiceResult(r: MessageReader, m: messages.ServiceResult = {}): messages.ServiceResult {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				const outer = r.enter();
				m.result = readStruct(r, m.result);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamCredit(w: MessageWriter, m: messages.StreamCredit): void {
	if (m.silenceMs) {
		w.uint32(m.silenceMs);
		w.varint(16);
	}
	if (m.bytes) {
		w.uint32(m.bytes);
		w.varint(8);
	}
}

function readStreamCredit(r: MessageReader, m: messages.StreamCredit = {}): messages.StreamCredit {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.bytes = r.uint32();
				break;
			}
			case 16: {
				m.silenceMs = r.uint32();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamInput(w: MessageWriter, m: messages.StreamInput): void {
	if (m.end) {
		w.bool(m.end);
		w.varint(24);
	}
	if (m.contentType) {
		w.string(m.contentType);
		w.varint(18);
	}
	if (m.data != null && m.data.length > 0) {
		w.bytes(m.data);
		w.varint(10);
	}
}

function readStreamInput(r: MessageReader, m: messages.StreamInput = {}): messages.StreamInput {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.data = r.bytes();
				break;
			}
			case 18: {
				m.contentType = r.key();
				break;
			}
			case 24: {
				m.end = r.bool();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeInputCredit(w: MessageWriter, m: messages.InputCredit): void {
	if (m.bytes) {
		w.uint32(m.bytes);
		w.varint(8);
	}
}

function readInputCredit(r: MessageReader, m: messages.InputCredit = {}): messages.InputCredit {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.bytes = r.uint32();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeProgress(w: MessageWriter, m: messages.Progress): void {
	if (m.output) {
		w.string(m.output);
		w.varint(34);
	}
	if (m.message) {
		w.string(m.message);
		w.varint(26);
	}
	if (m.total) {
		w.double(m.total);
		w.varint(17);
	}
	if (m.progress) {
		w.double(m.progress);
		w.varint(9);
	}
}

function readProgress(r: MessageReader, m: messages.Progress = {}): messages.Progress {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 9: {
				m.progress = r.double();
				break;
			}
			case 17: {
				m.total = r.double();
				break;
			}
			case 26: {
				m.message = r.string();
				break;
			}
			case 34: {
				m.output = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePluginManifest(w: MessageWriter, m: messages.PluginManifest): void {
	if (m.requires != null) {
		const before = w.size;
		writeRequirements(w, m.requires);
		w.close(before, 1026);
	}
	if (m.providesPrompts != null) {
		for (let i = m.providesPrompts.length - 1; i >= 0; i--) {
			const item = m.providesPrompts[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(146);
		}
	}
	if (m.env != null) writeTextMap(w, 138, m.env);
	if (m.args != null) {
		for (let i = m.args.length - 1; i >= 0; i--) {
			const item = m.args[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(130);
		}
	}
	if (m.binary) {
		w.string(m.binary);
		w.varint(122);
	}
	if (m.author) {
		w.string(m.author);
		w.varint(114);
	}
	if (m.description) {
		w.string(m.description);
		w.varint(106);
	}
	if (m.needsTools != null) {
		for (let i = m.needsTools.length - 1; i >= 0; i--) {
			const item = m.needsTools[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(98);
		}
	}
	if (m.needsAi != null) {
		for (let i = m.needsAi.length - 1; i >= 0; i--) {
			const item = m.needsAi[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(90);
		}
	}
	if (m.needsEvents != null) {
		for (let i = m.needsEvents.length - 1; i >= 0; i--) {
			const item = m.needsEvents[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(82);
		}
	}
	if (m.needsStorage != null) {
		for (let i = m.needsStorage.length - 1; i >= 0; i--) {
			const item = m.needsStorage[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(74);
		}
	}
	if (m.providesAi != null) {
		for (let i = m.providesAi.length - 1; i >= 0; i--) {
			const item = m.providesAi[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(66);
		}
	}
	if (m.providesTransport != null) {
		for (let i = m.providesTransport.length - 1; i >= 0; i--) {
			const item = m.providesTransport[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(58);
		}
	}
	if (m.providesStorage != null) {
		for (let i = m.providesStorage.length - 1; i >= 0; i--) {
			const item = m.providesStorage[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(50);
		}
	}
	if (m.providesEvents != null) {
		for (let i = m.providesEvents.length - 1; i >= 0; i--) {
			const item = m.providesEvents[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(42);
		}
	}
	if (m.providesTools != null) {
		for (let i = m.providesTools.length - 1; i >= 0; i--) {
			const item = m.providesTools[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(34);
		}
	}
	if (m.language) {
		w.string(m.language);
		w.varint(26);
	}
	if (m.version) {
		w.string(m.version);
		w.varint(18);
	}
	if (m.id) {
		w.string(m.id);
		w.varint(10);
	}
}

function readPluginManifest(r: MessageReader, m: messages.PluginManifest = {}): messages.PluginManifest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.id = r.string();
				break;
			}
			case 18: {
				m.version = r.string();
				break;
			}
			case 26: {
				m.language = r.string();
				break;
			}
			case 34: {
				(m.providesTools ??= []).push(r.string());
				break;
			}
			case 42: {
				(m.providesEvents ??= []).push(r.string());
				break;
			}
			case 50: {
				(m.providesStorage ??= []).push(r.string());
				break;
			}
			case 58: {
				(m.providesTransport ??= []).push(r.string());
				break;
			}
			case 66: {
				(m.providesAi ??= []).push(r.string());
				break;
			}
			case 74: {
				(m.needsStorage ??= []).push(r.string());
				break;
			}
			case 82: {
				(m.needsEvents ??= []).push(r.string());
				break;
			}
			case 90: {
				(m.needsAi ??= []).push(r.string());
				break;
			}
			case 98: {
				(m.needsTools ??= []).push(r.string());
				break;
			}
			case 106: {
				m.description = r.string();
				break;
			}
			case 114: {
				m.author = r.string();
				break;
			}
			case 122: {
				m.binary = r.string();
				break;
			}
			case 130: {
				(m.args ??= []).push(r.string());
				break;
			}
			case 138: {
				m.env = readTextEntry(r, m.env);
				break;
			}
			case 146: {
				(m.providesPrompts ??= []).push(r.string());
				break;
			}
			case 1026: {
				const outer = r.enter();
				m.requires = readRequirements(r, m.requires);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeRequirements(w: MessageWriter, m: messages.Requirements): void {
	if (m.runtime) {
		w.string(m.runtime);
		w.varint(18);
	}
	if (m.protocol) {
		w.uint32(m.protocol);
		w.varint(8);
	}
}

function readRequirements(r: MessageReader, m: messages.Requirements = {}): messages.Requirements {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.protocol = r.uint32();
				break;
			}
			case 18: {
				m.runtime = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeRegistrationResult(w: MessageWriter, m: messages.RegistrationResult): void {
	if (m.rejectReason) {
		w.string(m.rejectReason);
		w.varint(18);
	}
	if (m.accepted) {
		w.bool(m.accepted);
		w.varint(8);
	}
}

function readRegistrationResult(r: MessageReader, m: messages.RegistrationResult = {}): messages.RegistrationResult {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.accepted = r.bool();
				break;
			}
			case 18: {
				m.rejectReason = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeBootRequest(w: MessageWriter, m: messages.BootRequest): void {
	if (m.config != null) writeTextMap(w, 10, m.config);
}

function readBootRequest(r: MessageReader, m: messages.BootRequest = {}): messages.BootRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.config = readTextEntry(r, m.config);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeBootResult(w: MessageWriter, m: messages.BootResult): void {
	if (m.error) {
		w.string(m.error);
		w.varint(18);
	}
	if (m.ready) {
		w.bool(m.ready);
		w.varint(8);
	}
}

function readBootResult(r: MessageReader, m: messages.BootResult = {}): messages.BootResult {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.ready = r.bool();
				break;
			}
			case 18: {
				m.error = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeShutdownRequest(w: MessageWriter, m: messages.ShutdownRequest): void {
	if (m.timeoutSeconds) {
		w.int(m.timeoutSeconds);
		w.varint(8);
	}
}

function readShutdownRequest(r: MessageReader, m: messages.ShutdownRequest = {}): messages.ShutdownRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.timeoutSeconds = r.int32();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeShutdownResult(w: MessageWriter, m: messages.ShutdownResult): void {
	if (m.clean) {
		w.bool(m.clean);
		w.varint(8);
	}
}

function readShutdownResult(r: MessageReader, m: messages.ShutdownResult = {}): messages.ShutdownResult {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.clean = r.bool();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeHealthRequest(_w: MessageWriter, _m: messages.HealthRequest): void {
}

function readHealthRequest(r: MessageReader, m: messages.HealthRequest = {}): messages.HealthRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeHealthResult(w: MessageWriter, m: messages.HealthResult): void {
	if (m.memoryBytes) {
		w.int(m.memoryBytes);
		w.varint(968);
	}
	if (m.loopLagMs) {
		w.double(m.loopLagMs);
		w.varint(961);
	}
	if (m.details != null) writeTextMap(w, 26, m.details);
	if (m.message) {
		w.string(m.message);
		w.varint(18);
	}
	if (m.status) {
		w.int(m.status);
		w.varint(8);
	}
}

function readHealthResult(r: MessageReader, m: messages.HealthResult = {}): messages.HealthResult {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.status = r.int32() as messages.Status;
				break;
			}
			case 18: {
				m.message = r.string();
				break;
			}
			case 26: {
				m.details = readTextEntry(r, m.details);
				break;
			}
			case 961: {
				m.loopLagMs = r.double();
				break;
			}
			case 968: {
				m.memoryBytes = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeToolRequest(w: MessageWriter, m: messages.ToolRequest): void {
	if (m.requestState) {
		w.string(m.requestState);
		w.varint(1130);
	}
	if (m.inputResponses != null) {
		const before = w.size;
		writeStruct(w, m.inputResponses);
		w.close(before, 1122);
	}
	if (m.via != null) {
		for (let i = m.via.length - 1; i >= 0; i--) {
			const item = m.via[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(1042);
		}
	}
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(802);
	}
	if (m.sessionId) {
		w.string(m.sessionId);
		w.varint(50);
	}
	if (m.provider) {
		w.string(m.provider);
		w.varint(42);
	}
	if (m.traceParent) {
		w.string(m.traceParent);
		w.varint(34);
	}
	if (m.callerPlugin) {
		w.string(m.callerPlugin);
		w.varint(26);
	}
	if (m.arguments != null) {
		const before = w.size;
		writeStruct(w, m.arguments);
		w.close(before, 18);
	}
	if (m.toolName) {
		w.string(m.toolName);
		w.varint(10);
	}
}

function readToolRequest(r: MessageReader, m: messages.ToolRequest = {}): messages.ToolRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.toolName = r.key();
				break;
			}
			case 18: {
				const outer = r.enter();
				m.arguments = readStruct(r, m.arguments);
				r.leave(outer);
				break;
			}
			case 26: {
				m.callerPlugin = r.key();
				break;
			}
			case 34: {
				m.traceParent = r.string();
				break;
			}
			case 42: {
				m.provider = r.key();
				break;
			}
			case 50: {
				m.sessionId = r.key();
				break;
			}
			case 802: {
				m.plugin = r.key();
				break;
			}
			case 1042: {
				(m.via ??= []).push(r.string());
				break;
			}
			case 1122: {
				const outer = r.enter();
				m.inputResponses = readStruct(r, m.inputResponses);
				r.leave(outer);
				break;
			}
			case 1130: {
				m.requestState = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeToolResponse(w: MessageWriter, m: messages.ToolResponse): void {
	if (m.errorMessage) {
		w.string(m.errorMessage);
		w.varint(34);
	}
	if (m.errorCode) {
		w.string(m.errorCode);
		w.varint(26);
	}
	if (m.result != null) {
		const before = w.size;
		writeStruct(w, m.result);
		w.close(before, 18);
	}
	if (m.success) {
		w.bool(m.success);
		w.varint(8);
	}
}

function readToolResponse(r: MessageReader, m: messages.ToolResponse = {}): messages.ToolResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.success = r.bool();
				break;
			}
			case 18: {
				const outer = r.enter();
				m.result = readStruct(r, m.result);
				r.leave(outer);
				break;
			}
			case 26: {
				m.errorCode = r.string();
				break;
			}
			case 34: {
				m.errorMessage = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeListToolsRequest(_w: MessageWriter, _m: messages.ListToolsRequest): void {
}

function readListToolsRequest(r: MessageReader, m: messages.ListToolsRequest = {}): messages.ListToolsRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeListToolsResponse(w: MessageWriter, m: messages.ListToolsResponse): void {
	if (m.tools != null) {
		for (let i = m.tools.length - 1; i >= 0; i--) {
			const item = m.tools[i];
			if (item === undefined) continue;
			const before = w.size;
			writeToolDefinition(w, item);
			w.close(before, 10);
		}
	}
}

function readListToolsResponse(r: MessageReader, m: messages.ListToolsResponse = {}): messages.ListToolsResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.tools ??= []).push(readToolDefinition(r));
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeToolDefinition(w: MessageWriter, m: messages.ToolDefinition): void {
	if (m.outputSchema != null) {
		const before = w.size;
		writeStruct(w, m.outputSchema);
		w.close(before, 1138);
	}
	if (m.annotations != null) {
		const before = w.size;
		writeStruct(w, m.annotations);
		w.close(before, 1130);
	}
	if (m.title) {
		w.string(m.title);
		w.varint(1122);
	}
	if (m.unavailable) {
		w.string(m.unavailable);
		w.varint(962);
	}
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(810);
	}
	if (m.streaming) {
		w.bool(m.streaming);
		w.varint(800);
	}
	if (m.inputSchema != null) {
		const before = w.size;
		writeStruct(w, m.inputSchema);
		w.close(before, 26);
	}
	if (m.description) {
		w.string(m.description);
		w.varint(18);
	}
	if (m.name) {
		w.string(m.name);
		w.varint(10);
	}
}

function readToolDefinition(r: MessageReader, m: messages.ToolDefinition = {}): messages.ToolDefinition {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.name = r.string();
				break;
			}
			case 18: {
				m.description = r.string();
				break;
			}
			case 26: {
				const outer = r.enter();
				m.inputSchema = readStruct(r, m.inputSchema);
				r.leave(outer);
				break;
			}
			case 800: {
				m.streaming = r.bool();
				break;
			}
			case 810: {
				m.plugin = r.key();
				break;
			}
			case 962: {
				m.unavailable = r.string();
				break;
			}
			case 1122: {
				m.title = r.string();
				break;
			}
			case 1130: {
				const outer = r.enter();
				m.annotations = readStruct(r, m.annotations);
				r.leave(outer);
				break;
			}
			case 1138: {
				const outer = r.enter();
				m.outputSchema = readStruct(r, m.outputSchema);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeListPromptsRequest(_w: MessageWriter, _m: messages.ListPromptsRequest): void {
}

function readListPromptsRequest(r: MessageReader, m: messages.ListPromptsRequest = {}): messages.ListPromptsRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeListPromptsResponse(w: MessageWriter, m: messages.ListPromptsResponse): void {
	if (m.prompts != null) {
		for (let i = m.prompts.length - 1; i >= 0; i--) {
			const item = m.prompts[i];
			if (item === undefined) continue;
			const before = w.size;
			writePromptDefinition(w, item);
			w.close(before, 10);
		}
	}
}

function readListPromptsResponse(r: MessageReader, m: messages.ListPromptsResponse = {}): messages.ListPromptsResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.prompts ??= []).push(readPromptDefinition(r));
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePromptDefinition(w: MessageWriter, m: messages.PromptDefinition): void {
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(802);
	}
	if (m.arguments != null) {
		for (let i = m.arguments.length - 1; i >= 0; i--) {
			const item = m.arguments[i];
			if (item === undefined) continue;
			const before = w.size;
			writePromptArgument(w, item);
			w.close(before, 26);
		}
	}
	if (m.description) {
		w.string(m.description);
		w.varint(18);
	}
	if (m.name) {
		w.string(m.name);
		w.varint(10);
	}
}

function readPromptDefinition(r: MessageReader, m: messages.PromptDefinition = {}): messages.PromptDefinition {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.name = r.string();
				break;
			}
			case 18: {
				m.description = r.string();
				break;
			}
			case 26: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.arguments ??= []).push(readPromptArgument(r));
				r.leave(outer);
				break;
			}
			case 802: {
				m.plugin = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePromptArgument(w: MessageWriter, m: messages.PromptArgument): void {
	if (m.values != null) {
		for (let i = m.values.length - 1; i >= 0; i--) {
			const item = m.values[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(1122);
		}
	}
	if (m.required) {
		w.bool(m.required);
		w.varint(24);
	}
	if (m.description) {
		w.string(m.description);
		w.varint(18);
	}
	if (m.name) {
		w.string(m.name);
		w.varint(10);
	}
}

function readPromptArgument(r: MessageReader, m: messages.PromptArgument = {}): messages.PromptArgument {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.name = r.string();
				break;
			}
			case 18: {
				m.description = r.string();
				break;
			}
			case 24: {
				m.required = r.bool();
				break;
			}
			case 1122: {
				(m.values ??= []).push(r.string());
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePromptGetRequest(w: MessageWriter, m: messages.PromptGetRequest): void {
	if (m.requestState) {
		w.string(m.requestState);
		w.varint(1130);
	}
	if (m.inputResponses != null) {
		const before = w.size;
		writeStruct(w, m.inputResponses);
		w.close(before, 1122);
	}
	if (m.arguments != null) writeTextMap(w, 18, m.arguments);
	if (m.promptName) {
		w.string(m.promptName);
		w.varint(10);
	}
}

function readPromptGetRequest(r: MessageReader, m: messages.PromptGetRequest = {}): messages.PromptGetRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.promptName = r.string();
				break;
			}
			case 18: {
				m.arguments = readTextEntry(r, m.arguments);
				break;
			}
			case 1122: {
				const outer = r.enter();
				m.inputResponses = readStruct(r, m.inputResponses);
				r.leave(outer);
				break;
			}
			case 1130: {
				m.requestState = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePromptGetResponse(w: MessageWriter, m: messages.PromptGetResponse): void {
	if (m.messages != null) {
		for (let i = m.messages.length - 1; i >= 0; i--) {
			const item = m.messages[i];
			if (item === undefined) continue;
			const before = w.size;
			writePromptMessage(w, item);
			w.close(before, 18);
		}
	}
	if (m.description) {
		w.string(m.description);
		w.varint(10);
	}
}

function readPromptGetResponse(r: MessageReader, m: messages.PromptGetResponse = {}): messages.PromptGetResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.description = r.string();
				break;
			}
			case 18: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.messages ??= []).push(readPromptMessage(r));
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePromptMessage(w: MessageWriter, m: messages.PromptMessage): void {
	if (m.content != null) {
		const before = w.size;
		writeContentBlock(w, m.content);
		w.close(before, 18);
	}
	if (m.role) {
		w.string(m.role);
		w.varint(10);
	}
}

function readPromptMessage(r: MessageReader, m: messages.PromptMessage = {}): messages.PromptMessage {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.role = r.string();
				break;
			}
			case 18: {
				const outer = r.enter();
				m.content = readContentBlock(r, m.content);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeContentBlock(w: MessageWriter, m: messages.ContentBlock): void {
	if (m.block != null) {
		const before = w.size;
		writeStruct(w, m.block);
		w.close(before, 1122);
	}
	if (m.text) {
		w.string(m.text);
		w.varint(18);
	}
	if (m.type) {
		w.string(m.type);
		w.varint(10);
	}
}

function readContentBlock(r: MessageReader, m: messages.ContentBlock = {}): messages.ContentBlock {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.type = r.string();
				break;
			}
			case 18: {
				m.text = r.string();
				break;
			}
			case 1122: {
				const outer = r.enter();
				m.block = readStruct(r, m.block);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageReadRequest(w: MessageWriter, m: messages.StorageReadRequest): void {
	if (m.storageType) {
		w.string(m.storageType);
		w.varint(18);
	}
	if (m.path) {
		w.string(m.path);
		w.varint(10);
	}
}

function readStorageReadRequest(r: MessageReader, m: messages.StorageReadRequest = {}): messages.StorageReadRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.path = r.string();
				break;
			}
			case 18: {
				m.storageType = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageReadResponse(w: MessageWriter, m: messages.StorageReadResponse): void {
	if (m.version) {
		w.int(m.version);
		w.varint(24);
	}
	if (m.metadata != null) {
		const before = w.size;
		writeStruct(w, m.metadata);
		w.close(before, 18);
	}
	if (m.content != null && m.content.length > 0) {
		w.bytes(m.content);
		w.varint(10);
	}
}

function readStorageReadResponse(r: MessageReader, m: messages.StorageReadResponse = {}): messages.StorageReadResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.content = r.bytes();
				break;
			}
			case 18: {
				const outer = r.enter();
				m.metadata = readStruct(r, m.metadata);
				r.leave(outer);
				break;
			}
			case 24: {
				m.version = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageWriteRequest(w: MessageWriter, m: messages.StorageWriteRequest): void {
	if (m.storageType) {
		w.string(m.storageType);
		w.varint(42);
	}
	if (m.expectedVersion) {
		w.int(m.expectedVersion);
		w.varint(32);
	}
	if (m.metadata != null) {
		const before = w.size;
		writeStruct(w, m.metadata);
		w.close(before, 26);
	}
	if (m.content != null && m.content.length > 0) {
		w.bytes(m.content);
		w.varint(18);
	}
	if (m.path) {
		w.string(m.path);
		w.varint(10);
	}
}

function readStorageWriteRequest(r: MessageReader, m: messages.StorageWriteRequest = {}): messages.StorageWriteRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.path = r.string();
				break;
			}
			case 18: {
				m.content = r.bytes();
				break;
			}
			case 26: {
				const outer = r.enter();
				m.metadata = readStruct(r, m.metadata);
				r.leave(outer);
				break;
			}
			case 32: {
				m.expectedVersion = r.int64();
				break;
			}
			case 42: {
				m.storageType = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageWriteResponse(w: MessageWriter, m: messages.StorageWriteResponse): void {
	if (m.error) {
		w.string(m.error);
		w.varint(26);
	}
	if (m.newVersion) {
		w.int(m.newVersion);
		w.varint(16);
	}
	if (m.success) {
		w.bool(m.success);
		w.varint(8);
	}
}

function readStorageWriteResponse(r: MessageReader, m: messages.StorageWriteResponse = {}): messages.StorageWriteResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.success = r.bool();
				break;
			}
			case 16: {
				m.newVersion = r.int64();
				break;
			}
			case 26: {
				m.error = r.string();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageDeleteRequest(w: MessageWriter, m: messages.StorageDeleteRequest): void {
	if (m.storageType) {
		w.string(m.storageType);
		w.varint(18);
	}
	if (m.path) {
		w.string(m.path);
		w.varint(10);
	}
}

function readStorageDeleteRequest(r: MessageReader, m: messages.StorageDeleteRequest = {}): messages.StorageDeleteRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.path = r.string();
				break;
			}
			case 18: {
				m.storageType = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageDeleteResponse(w: MessageWriter, m: messages.StorageDeleteResponse): void {
	if (m.success) {
		w.bool(m.success);
		w.varint(8);
	}
}

function readStorageDeleteResponse(r: MessageReader, m: messages.StorageDeleteResponse = {}): messages.StorageDeleteResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.success = r.bool();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageListRequest(w: MessageWriter, m: messages.StorageListRequest): void {
	if (m.storageType) {
		w.string(m.storageType);
		w.varint(26);
	}
	if (m.pattern) {
		w.string(m.pattern);
		w.varint(18);
	}
	if (m.prefix) {
		w.string(m.prefix);
		w.varint(10);
	}
}

function readStorageListRequest(r: MessageReader, m: messages.StorageListRequest = {}): messages.StorageListRequest {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.prefix = r.string();
				break;
			}
			case 18: {
				m.pattern = r.string();
				break;
			}
			case 26: {
				m.storageType = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageListResponse(w: MessageWriter, m: messages.StorageListResponse): void {
	if (m.entries != null) {
		for (let i = m.entries.length - 1; i >= 0; i--) {
			const item = m.entries[i];
			if (item === undefined) continue;
			const before = w.size;
			writeStorageEntry(w, item);
			w.close(before, 10);
		}
	}
}

function readStorageListResponse(r: MessageReader, m: messages.StorageListResponse = {}): messages.StorageListResponse {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				const outer = r.enter();
				r.charge(messageBytes);
				(m.entries ??= []).push(readStorageEntry(r));
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStorageEntry(w: MessageWriter, m: messages.StorageEntry): void {
	if (m.modifiedAt != null) {
		const before = w.size;
		writeTimestamp(w, m.modifiedAt);
		w.close(before, 34);
	}
	if (m.version) {
		w.int(m.version);
		w.varint(24);
	}
	if (m.size) {
		w.int(m.size);
		w.varint(16);
	}
	if (m.path) {
		w.string(m.path);
		w.varint(10);
	}
}

function readStorageEntry(r: MessageReader, m: messages.StorageEntry = {}): messages.StorageEntry {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.path = r.string();
				break;
			}
			case 16: {
				m.size = r.int64();
				break;
			}
			case 24: {
				m.version = r.int64();
				break;
			}
			case 34: {
				const outer = r.enter();
				m.modifiedAt = readTimestamp(r, m.modifiedAt);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamStart(w: MessageWriter, m: messages.StreamStart): void {
	if (m.via != null) {
		for (let i = m.via.length - 1; i >= 0; i--) {
			const item = m.via[i];
			if (item === undefined) continue;
			w.string(item);
			w.varint(1042);
		}
	}
	if (m.plugin) {
		w.string(m.plugin);
		w.varint(826);
	}
	if (m.sessionId) {
		w.string(m.sessionId);
		w.varint(818);
	}
	if (m.provider) {
		w.string(m.provider);
		w.varint(810);
	}
	if (m.traceParent) {
		w.string(m.traceParent);
		w.varint(802);
	}
	if (m.callerPlugin) {
		w.string(m.callerPlugin);
		w.varint(34);
	}
	if (m.arguments != null) {
		const before = w.size;
		writeStruct(w, m.arguments);
		w.close(before, 26);
	}
	if (m.toolName) {
		w.string(m.toolName);
		w.varint(18);
	}
	if (m.streamId) {
		w.string(m.streamId);
		w.varint(10);
	}
}

function readStreamStart(r: MessageReader, m: messages.StreamStart = {}): messages.StreamStart {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.streamId = r.key();
				break;
			}
			case 18: {
				m.toolName = r.key();
				break;
			}
			case 26: {
				const outer = r.enter();
				m.arguments = readStruct(r, m.arguments);
				r.leave(outer);
				break;
			}
			case 34: {
				m.callerPlugin = r.key();
				break;
			}
			case 802: {
				m.traceParent = r.string();
				break;
			}
			case 810: {
				m.provider = r.key();
				break;
			}
			case 818: {
				m.sessionId = r.key();
				break;
			}
			case 826: {
				m.plugin = r.key();
				break;
			}
			case 1042: {
				(m.via ??= []).push(r.string());
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamCancel(w: MessageWriter, m: messages.StreamCancel): void {
	if (m.streamId) {
		w.string(m.streamId);
		w.varint(10);
	}
}

function readStreamCancel(r: MessageReader, m: messages.StreamCancel = {}): messages.StreamCancel {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.streamId = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamChunk(w: MessageWriter, m: messages.StreamChunk): void {
	if (m.sequence) {
		w.int(m.sequence);
		w.varint(32);
	}
	if (m.contentType) {
		w.string(m.contentType);
		w.varint(26);
	}
	if (m.data != null && m.data.length > 0) {
		w.bytes(m.data);
		w.varint(18);
	}
	if (m.streamId) {
		w.string(m.streamId);
		w.varint(10);
	}
}

function readStreamChunk(r: MessageReader, m: messages.StreamChunk = {}): messages.StreamChunk {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.streamId = r.key();
				break;
			}
			case 18: {
				m.data = r.bytes();
				break;
			}
			case 26: {
				m.contentType = r.key();
				break;
			}
			case 32: {
				m.sequence = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeStreamEnd(w: MessageWriter, m: messages.StreamEnd): void {
	if (m.totalChunks) {
		w.int(m.totalChunks);
		w.varint(40);
	}
	if (m.errorMessage) {
		w.string(m.errorMessage);
		w.varint(34);
	}
	if (m.errorCode) {
		w.string(m.errorCode);
		w.varint(26);
	}
	if (m.success) {
		w.bool(m.success);
		w.varint(16);
	}
	if (m.streamId) {
		w.string(m.streamId);
		w.varint(10);
	}
}

function readStreamEnd(r: MessageReader, m: messages.StreamEnd = {}): messages.StreamEnd {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.streamId = r.key();
				break;
			}
			case 16: {
				m.success = r.bool();
				break;
			}
			case 26: {
				m.errorCode = r.string();
				break;
			}
			case 34: {
				m.errorMessage = r.string();
				break;
			}
			case 40: {
				m.totalChunks = r.int64();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeSubscribe(w: MessageWriter, m: messages.Subscribe): void {
	if (m.replay) {
		w.uint32(m.replay);
		w.varint(1120);
	}
	if (m.filters != null) writeTextMap(w, 26, m.filters);
	if (m.topic) {
		w.string(m.topic);
		w.varint(18);
	}
	if (m.subscriptionId) {
		w.string(m.subscriptionId);
		w.varint(10);
	}
}

function readSubscribe(r: MessageReader, m: messages.Subscribe = {}): messages.Subscribe {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.subscriptionId = r.key();
				break;
			}
			case 18: {
				m.topic = r.key();
				break;
			}
			case 26: {
				m.filters = readTextEntry(r, m.filters);
				break;
			}
			case 1120: {
				m.replay = r.uint32();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeUnsubscribe(w: MessageWriter, m: messages.Unsubscribe): void {
	if (m.subscriptionId) {
		w.string(m.subscriptionId);
		w.varint(10);
	}
}

function readUnsubscribe(r: MessageReader, m: messages.Unsubscribe = {}): messages.Unsubscribe {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.subscriptionId = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writePublish(w: MessageWriter, m: messages.Publish): void {
	if (m.subscriptionId) {
		w.string(m.subscriptionId);
		w.varint(1146);
	}
	if (m.missed) {
		w.uint32(m.missed);
		w.varint(1136);
	}
	if (m.time != null) {
		const before = w.size;
		writeTimestamp(w, m.time);
		w.close(before, 1130);
	}
	if (m.id) {
		w.string(m.id);
		w.varint(1122);
	}
	if (m.sourcePlugin) {
		w.string(m.sourcePlugin);
		w.varint(34);
	}
	if (m.payload != null) {
		const before = w.size;
		writeStruct(w, m.payload);
		w.close(before, 26);
	}
	if (m.eventType) {
		w.string(m.eventType);
		w.varint(18);
	}
	if (m.topic) {
		w.string(m.topic);
		w.varint(10);
	}
}

function readPublish(r: MessageReader, m: messages.Publish = {}): messages.Publish {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.topic = r.key();
				break;
			}
			case 18: {
				m.eventType = r.key();
				break;
			}
			case 26: {
				const outer = r.enter();
				m.payload = readStruct(r, m.payload);
				r.leave(outer);
				break;
			}
			case 34: {
				m.sourcePlugin = r.key();
				break;
			}
			case 1122: {
				m.id = r.string();
				break;
			}
			case 1130: {
				const outer = r.enter();
				m.time = readTimestamp(r, m.time);
				r.leave(outer);
				break;
			}
			case 1136: {
				m.missed = r.uint32();
				break;
			}
			case 1146: {
				m.subscriptionId = r.key();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeEventDelivery(w: MessageWriter, m: messages.EventDelivery): void {
	if (m.timestamp != null) {
		const before = w.size;
		writeTimestamp(w, m.timestamp);
		w.close(before, 50);
	}
	if (m.sourcePlugin) {
		w.string(m.sourcePlugin);
		w.varint(42);
	}
	if (m.payload != null) {
		const before = w.size;
		writeStruct(w, m.payload);
		w.close(before, 34);
	}
	if (m.eventType) {
		w.string(m.eventType);
		w.varint(26);
	}
	if (m.topic) {
		w.string(m.topic);
		w.varint(18);
	}
	if (m.subscriptionId) {
		w.string(m.subscriptionId);
		w.varint(10);
	}
}

function readEventDelivery(r: MessageReader, m: messages.EventDelivery = {}): messages.EventDelivery {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 10: {
				m.subscriptionId = r.key();
				break;
			}
			case 18: {
				m.topic = r.key();
				break;
			}
			case 26: {
				m.eventType = r.key();
				break;
			}
			case 34: {
				const outer = r.enter();
				m.payload = readStruct(r, m.payload);
				r.leave(outer);
				break;
			}
			case 42: {
				m.sourcePlugin = r.key();
				break;
			}
			case 50: {
				const outer = r.enter();
				m.timestamp = readTimestamp(r, m.timestamp);
				r.leave(outer);
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

function writeTimestamp(w: MessageWriter, m: messages.Timestamp): void {
	if (m.nanos) {
		w.int(m.nanos);
		w.varint(16);
	}
	if (m.seconds) {
		w.int(m.seconds);
		w.varint(8);
	}
}

function readTimestamp(r: MessageReader, m: messages.Timestamp = {}): messages.Timestamp {
	while (r.more) {
		const tag = r.tag();
		switch (tag) {
			case 8: {
				m.seconds = r.int64();
				break;
			}
			case 16: {
				m.nanos = r.int32();
				break;
			}
			default:
				r.skip(tag);
		}
	}
	return m;
}

export const pluginRequestCodec: MessageCodec<messages.PluginRequest> = { write: writePluginRequest, read: readPluginRequest };
export const pluginResponseCodec: MessageCodec<messages.PluginResponse> = { write: writePluginResponse, read: readPluginResponse };

import { isObject } from '../../runtime/wire/json-value.ts';

/** The version of what nodes say to each other. */
export const clusterProtocol = 1;

/** Bytes of a record, at most. */
export const maxRecordBytes = 256 * 1024;

/** Record of a node, renewed with each heartbeat. */
export interface NodeRecord {
	readonly node: string;
	/** A UUID for each start. */
	readonly instance: string;
	readonly protocol: number;
	readonly software: string;
	readonly state: 'up' | 'draining';
	/** Addresses at which other nodes reach it, as URLs. */
	readonly addresses: readonly string[];
	/** SHA-256 of its public key, lower-case hex. */
	readonly fingerprint: string;
	/** Counts the changes of its catalogue record. */
	readonly catalogue: number;
}

/** A plugin of a node, as others see it. */
export interface CataloguePlugin {
	readonly id: string;
	readonly version: string;
	/** `standby`: another node runs it. */
	readonly state: 'running' | 'standby' | 'stopped';
	readonly tools: readonly string[];
	readonly prompts: readonly string[];
	readonly storage: readonly string[];
	readonly providers: readonly string[];
	/** Whether one node of the cluster runs it at most, and calls carry a token. */
	readonly exclusive?: boolean;
	/** The fencing token of its lease. */
	readonly token?: number;
}

/** Record of what a node has: written when it changes only. */
export interface CatalogueRecord {
	readonly instance: string;
	readonly catalogue: number;
	readonly plugins: readonly CataloguePlugin[];
}

/** Holder of a lease. */
export interface LeaseRecord {
	readonly node: string;
	readonly instance: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeRecord(record: NodeRecord | CatalogueRecord | LeaseRecord): Uint8Array {
	return encoder.encode(JSON.stringify(record));
}

/** A node's record; undefined where it is none that we can read. */
export function decodeNode(value: Uint8Array): NodeRecord | undefined {
	const record = decode(value);
	if (!record) return undefined;
	const { node, instance, protocol, software, state, addresses, fingerprint, catalogue } = record;
	if (!isText(node) || !isText(instance) || !isCount(protocol) || !isText(software)) return undefined;
	if (!isTexts(addresses) || typeof fingerprint !== 'string' || !isCount(catalogue)) return undefined;
	return {
		node,
		instance,
		protocol,
		software,
		state: state === 'draining' ? state : 'up',
		addresses,
		fingerprint,
		catalogue,
	};
}

/** A node's catalogue; undefined where it is none that we can read. A plugin in it that cannot be read is left out. */
export function decodeCatalogue(value: Uint8Array): CatalogueRecord | undefined {
	const record = decode(value);
	if (!record) return undefined;
	const { instance, catalogue, plugins } = record;
	if (!isText(instance) || !isCount(catalogue) || !Array.isArray(plugins)) return undefined;
	return { instance, catalogue, plugins: plugins.flatMap((plugin) => readPlugin(plugin) ?? []) };
}

/** Reads who holds a lease; undefined where it is no record that we can read. */
export function decodeLease(value: Uint8Array): LeaseRecord | undefined {
	const record = decode(value);
	if (!record) return undefined;
	const { node, instance } = record;
	return isText(node) && isText(instance) ? { node, instance } : undefined;
}

function readPlugin(value: unknown): CataloguePlugin | undefined {
	if (!isObject(value)) return undefined;
	const { id, version, state, tools, prompts, storage, providers, exclusive, token } = value;
	if (!isText(id) || typeof version !== 'string') return undefined;
	if (!isTexts(tools) || !isTexts(prompts) || !isTexts(storage) || !isTexts(providers)) return undefined;
	return {
		id,
		version,
		state: state === 'running' || state === 'standby' ? state : 'stopped',
		tools,
		prompts,
		storage,
		providers,
		...(exclusive === true ? { exclusive } : {}),
		...(isCount(token) ? { token } : {}),
	};
}

function decode(value: Uint8Array): Record<string, unknown> | undefined {
	if (value.length > maxRecordBytes) return undefined;
	try {
		const record: unknown = JSON.parse(decoder.decode(value));
		return isObject(record) ? record : undefined;
	} catch {
		return undefined;
	}
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

import { formatAddress, parseAddress } from '../../runtime/carrier/address.ts';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { ClusterConfiguration } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import type { YamlNode } from './yaml-node.ts';

/** How long a node that says nothing counts as being there, in milliseconds, if nothing is said. */
const defaultLeaseMs = 15_000;

/** Less than that, and a server that is busy for a moment would lose its nodes. */
const leastLeaseMs = 1_000;

/** Reads how an orchestrator joins a cluster. */
export function readCluster(reader: DocumentReader, node: YamlNode): ClusterConfiguration {
	const value = (key: string) => reader.value(node, key);
	const lease = value('lease');
	const leaseMs = reader.duration(lease) ?? defaultLeaseMs;
	if (lease && leaseMs < leastLeaseMs) {
		reader.faults.add('cluster.lease', lease.position, `is less than ${leastLeaseMs} ms`);
	}
	const durable = value('durable');
	for (const { index, node: item } of reader.items(durable)) {
		try {
			topicPattern(reader.text(item) ?? '');
		} catch (error) {
			if (!(error instanceof OrchestraError)) throw error;
			reader.faults.add(`cluster.durable[${index}]`, item.position, error.message);
		}
	}
	const advertise = value('advertise');
	return {
		node: reader.text(value('node')) ?? '',
		servers: reader.texts(value('servers')),
		name: reader.text(value('name')) ?? 'orch',
		advertise: advertise && reader.texts(advertise).map((text) => formatAddress(parseAddress(text))),
		direct: reader.boolean(value('direct')) ?? true,
		leaseMs,
		copies: reader.number(value('copies')) ?? 1,
		durable: reader.texts(durable),
	};
}

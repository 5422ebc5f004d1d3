import { formatAddress, parseAddress } from '../../runtime/carrier/address.ts';
import type { ClusterConfiguration } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import type { YamlNode } from './yaml-node.ts';

/** Milliseconds that a node that says nothing counts as being there, if nothing is said. */
const defaultLeaseMs = 15_000;

/** Reads how an orchestrator joins a cluster. */
export function readCluster(reader: DocumentReader, node: YamlNode): ClusterConfiguration {
	const value = (key: string) => reader.value(node, key);
	const advertise = value('advertise');
	return {
		node: reader.text(value('node')) ?? '',
		servers: reader.texts(value('servers')),
		name: reader.text(value('name')) ?? 'orch',
		advertise: advertise && reader.texts(advertise).map((text) => formatAddress(parseAddress(text))),
		direct: reader.boolean(value('direct')) ?? true,
		leaseMs: reader.duration(value('lease')) ?? defaultLeaseMs,
		copies: reader.number(value('copies')) ?? 1,
		durable: reader.texts(value('durable')),
	};
}

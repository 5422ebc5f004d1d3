import { udpPathCases } from './cases/datagrams-on-the-way.ts';
import { requestCases } from './cases/requests.ts';
import { responseCases } from './cases/responses.ts';
import { slowClientCases } from './cases/slow-clients.ts';
import { tcpPathCases } from './cases/streams-on-the-way.ts';
import type { FaultCase } from './fault-case.ts';

/** What a fault may do on any carrier: end its exchange, or its connection, and nothing else. docs/faults.md lists them. */
export const carrierFaults: readonly FaultCase[] = [
	...requestCases,
	...responseCases,
	...tcpPathCases,
	...udpPathCases,
	...slowClientCases,
];

import type { Check } from './check.ts';
import { eventChecks } from './checks/event-checks.ts';
import { frameChecks } from './checks/frame-checks.ts';
import { manifestChecks } from './checks/manifest-checks.ts';
import { processChecks } from './checks/process-checks.ts';
import { promptChecks } from './checks/prompt-checks.ts';
import { serviceChecks } from './checks/service-checks.ts';
import { startChecks } from './checks/start-checks.ts';
import { storageChecks } from './checks/storage-checks.ts';
import { streamChecks } from './checks/stream-checks.ts';
import { timeChecks } from './checks/time-checks.ts';
import { toolChecks } from './checks/tool-checks.ts';

/** Every check, by its number. */
export const allChecks: readonly Check[] = [
	...startChecks,
	...manifestChecks,
	...toolChecks,
	...streamChecks,
	...timeChecks,
	...frameChecks,
	...promptChecks,
	...storageChecks,
	...eventChecks,
	...serviceChecks,
	...processChecks,
];

import { callCases } from './cases/calls.ts';
import { cancellingCases } from './cases/cancelling.ts';
import { closingCases } from './cases/closing.ts';
import { diallingCases } from './cases/dialling.ts';
import { inputCases } from './cases/input.ts';
import { limitCases } from './cases/limits.ts';
import { listeningCases } from './cases/listening.ts';
import { serviceCases } from './cases/services.ts';
import { streamCases } from './cases/streams.ts';
import { vanishingCases } from './cases/vanishing.ts';
import type { ComplianceCase } from './compliance-case.ts';

/** What every carrier has to do. */
export const complianceCases: readonly ComplianceCase[] = [
	...callCases,
	...streamCases,
	...serviceCases,
	...inputCases,
	...cancellingCases,
	...closingCases,
	...limitCases,
	...diallingCases,
	...listeningCases,
	...vanishingCases,
];

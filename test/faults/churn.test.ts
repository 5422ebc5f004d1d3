import { describe } from 'vitest';
import { churnCases } from './cases/churn.ts';
import { testFaults } from './test-faults.ts';

// Only Node tells of unreferenced timers and of what is alive.
describe('on Node', () => testFaults(churnCases));

import { describe } from 'vitest';
import { carrierFaults } from './carrier-faults.ts';
import { testFaults } from './test-faults.ts';

describe('on Node', () => testFaults(carrierFaults));

import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * `npm run test:unit`: the tests that start no other process and wait for no network of their own, in under a minute. What they find is
 * found first; that all of it works together, only `npm test` says.
 */
const folders = ['bench', 'cli', 'client', 'events', 'fuzz', 'orchestrator', 'plugin', 'public-surface', 'tui', 'wire'];

export default mergeConfig(base, {});

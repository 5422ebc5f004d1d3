import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:unit`: the tests of these folders that start no other process, in under a minute. */
const config = mergeConfig(base, {});
config.test.include = ['cli', 'client', 'events', 'orchestrator', 'plugin', 'tui', 'wire'].map(
	(folder) => `test/${folder}/**/*.test.{ts,tsx}`,
);
config.test.exclude = [
	'test/events/{client-events,commands}.test.ts',
	'test/orchestrator/identity-binding.test.ts',
	'test/plugin/{host-rights,run-plugin}.test.ts',
	'test/tui/{commands,golden,terminals,top}.test.ts',
	'test/wire/worst-messages.test.ts',
];
export default config;

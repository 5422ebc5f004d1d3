import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { patienceMs } from './test/support/patience.ts';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
	// What plugins import: here the sources, not the build.
	resolve: {
		alias: [
			{ find: /^orchestra-toolchain$/, replacement: source('./src/runtime/index.ts') },
			{ find: /^orchestra-toolchain\/client$/, replacement: source('./src/runtime/client.ts') },
			{ find: /^orchestra-toolchain\/host$/, replacement: source('./src/runtime/host.ts') },
			{ find: /^orchestra-toolchain\/seams$/, replacement: source('./src/runtime/seams.ts') },
			{ find: /^orchestra-toolchain\/testing$/, replacement: source('./src/testing/index.ts') },
		],
	},
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		globalSetup: './test/support/global-setup.ts',
		pool: 'forks',
		// Most tests wait for processes: with a core left idle, as Vitest has it, the run takes nearly twice as long.
		maxWorkers: '100%',
		// These end what hangs, and say nothing of how fast anything is: on a busy machine a process takes ten times as long to start.
		testTimeout: 180_000,
		hookTimeout: 300_000,
		expect: { poll: { timeout: patienceMs } },
		reporters: ['default', './test/support/summary-reporter.ts'],
	},
});

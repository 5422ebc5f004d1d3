import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		globalSetup: './test/support/global-setup.ts',
		pool: 'forks',
		testTimeout: 30_000,
		hookTimeout: 30_000,
		reporters: ['default', './test/support/summary-reporter.ts'],
	},
});

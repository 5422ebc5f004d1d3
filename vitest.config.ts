import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	// What plugins import: here the sources, not the build.
	resolve: {
		alias: {
			'orchestra-toolchain/seams': fileURLToPath(new URL('./src/runtime/seams.ts', import.meta.url)),
			'orchestra-toolchain': fileURLToPath(new URL('./src/runtime/index.ts', import.meta.url)),
		},
	},
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		globalSetup: './test/support/global-setup.ts',
		pool: 'forks',
		testTimeout: 30_000,
		hookTimeout: 30_000,
		reporters: ['default', './test/support/summary-reporter.ts'],
	},
});

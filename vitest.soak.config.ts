import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long runs: `npm run test:soak`, bounded to ten minutes. */
export default defineConfig({
	...base,
	test: {
		...base.test,
		include: [
			'test/commands/install.test.ts',
			'test/conformance/plugins.test.ts',
			'test/attacks/quic-before-a-certificate.test.ts',
			'test/attacks/mixed.soak.ts',
			'test/cluster/event-faults.test.ts',
			'test/cluster/cluster-deno.test.ts',
			'test/storage/**/*.test.ts',
			'test/supervised/**/*.test.ts',
			'test/fuzz/**/*.test.ts',
			'test/toolchain/load/**/*.test.ts',
			'test/**/*.soak.ts',
		],
		env: { ORCHESTRA_SOAK: '1' },
	},
});

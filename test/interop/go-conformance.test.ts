import { expect, test } from 'vitest';
import { allChecks } from '../../src/conformance/all-checks.ts';
import { runChecks } from '../../src/conformance/run-checks.ts';
import { startSubject } from '../../src/conformance/subject/started-subject.ts';
import { goBinaries, titled } from './support/go-binaries.ts';

const go = await goBinaries();

test.skipIf(go.missing)(
	titled('a Go plugin passes the profile core, and its known faults are named in full', go),
	async () => {
		const subject = await startSubject({
			name: 'go-tools',
			target: { kind: 'executable', path: go.plugin },
			carrier: 'quic',
			calls: [
				{ tool: 'echo', args: { city: 'Oslo' }, slow: false, streaming: false },
				{ tool: 'slow', args: { ms: 4_000 }, slow: true, streaming: false },
				{ tool: 'count', args: { to: 5 }, slow: false, streaming: true },
			],
		});
		try {
			const results = await runChecks(subject, allChecks, { profile: 'full', calls: true });
			const failed = results.filter(({ outcome }) => outcome === 'failed');
			const core = new Set(
				allChecks.filter(({ profile }) => profile === 'core').map(({ number, name }) => `${number} ${name}`),
			);
			expect(failed.filter(({ name }) => core.has(name))).toEqual([]);
			expect(failed.map(({ name, known }) => [name, known])).toEqual(
				allChecks.filter(({ goSdk }) => goSdk).map(({ number, name, goSdk }) => [`${number} ${name}`, goSdk]),
			);
		} finally {
			await subject.close();
		}
	},
);

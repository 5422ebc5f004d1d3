import { expect, it } from 'vitest';

interface Run {
	groups: {
		cases: {
			title: string;
			lessIsBetter: boolean;
			rows: { title: string; ratio: number; spread: number }[];
		}[];
	}[];
}

type Kept = Map<string, Map<string, { ratio: number; spread: number }>>;

const file = new URL('../../bench/harness/comparison.mjs', import.meta.url).href;
const module: { keptRatios(text: string): Kept; comparisonReport(run: Run, kept: Kept): string } =
	await import(file);
const { keptRatios, comparisonReport } = module;

const kept = keptRatios(`### Unary calls

100 B, 1 in flight:

|  | calls/s | ± | p50 ms | × grpc-js |
| --- | ---: | ---: | ---: | ---: |
| tcp | 32,619 | 30 % | 0.0283 | 8.78 |
| quic | 8,443 | 2 % | 0.0966 | 2.44 |
| Go SDK, QUIC | failed |  | – | – |

a new process:

|  | ms | ± | × empty start |
| --- | ---: | ---: | ---: |
| fd | 153 | 3 % | 2.5 |

what has no ratio:

|  | ms | ± |
| --- | ---: | ---: |
| fd | 153 | 3 % |
`);

function run(cases: { title: string; lessIsBetter: boolean; rows: Record<string, number> }[]): Run {
	return {
		groups: [
			{
				cases: cases.map(({ rows, ...one }) => ({
					...one,
					rows: Object.entries(rows).map(([title, ratio]) => ({ title, ratio, spread: 0.02 })),
				})),
			},
		],
	};
}

const calls = { title: '100 B, 1 in flight', lessIsBetter: false };
const starts = { title: 'a new process', lessIsBetter: true };

it('reads the ratios of the tables that have them', () => {
	expect([...kept.keys()]).toEqual([calls.title, starts.title]);
	expect(kept.get(calls.title)?.get('tcp')).toEqual({ ratio: 8.78, spread: 0.3 });
	expect(kept.get(calls.title)?.has('Go SDK, QUIC')).toBe(false);
});

it('says what is worse by more than both runs spread, the worst first', () => {
	const worse = run([
		{ ...calls, rows: { tcp: 7, quic: 2 } },
		{ ...starts, rows: { fd: 5 } },
	]);
	expect(comparisonReport(worse, kept)).toBe(
		`Of 3 ratios 2 are worse than the figures that were kept.
! a new process: fd 2.5 → 5
! 100 B, 1 in flight: quic 2.44 → 2`,
	);
});

it('says that nothing is worse, or that nothing can be compared', () => {
	const better = run([
		{ ...calls, rows: { tcp: 12, quic: 2.3 } },
		{ ...starts, rows: { fd: 1.2 } },
	]);
	expect(comparisonReport(better, kept)).toBe('Of 3 ratios none is worse than the figures that were kept.');
	const other = run([{ ...calls, title: 'another case', rows: { tcp: 1 } }]);
	expect(comparisonReport(other, kept)).toBe('No ratio of this run is in the figures that were kept.');
});

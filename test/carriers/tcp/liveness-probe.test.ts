import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeepAlive } from '../../../src/runtime/carrier/carrier.ts';
import type { FrameLink } from '../../../src/runtime/carrier/framed/frame-link.ts';
import { LivenessProbe } from '../../../src/runtime/carrier/framed/liveness-probe.ts';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** A link whose traffic the test makes up. */
let link: { heardAt: number; sentAt: number; progress: number; backlogged: boolean };
let probes: number;
let losses: OrchestraError[];
let probe: LivenessProbe | undefined;

beforeEach(() => {
	link = { heardAt: performance.now(), sentAt: performance.now(), progress: 0, backlogged: false };
	probes = 0;
	losses = [];
});

afterEach(() => probe?.stop());

function watch(options: KeepAlive): LivenessProbe {
	const owner = {
		probe: () => {
			probes += 1;
			link.sentAt = performance.now();
		},
		vanished: (error: OrchestraError) => losses.push(error),
	};
	probe = new LivenessProbe(link as unknown as FrameLink, owner, options);
	probe.start();
	return probe;
}

function hear(): void {
	link.heardAt = performance.now();
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Keeps the whole process from doing anything. */
function standStill(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('asks once, and the loss is told once', async () => {
	watch({ idleMs: 20, answerMs: 60 });
	await waitUntil(() => losses.length > 0);
	expect(losses[0]).toMatchObject({ code: 'connection_lost', details: { idleMs: 20, answerMs: 60 } });
	await sleep(120);
	expect([probes, losses.length]).toEqual([1, 1]);
});

test('a busy connection is not asked', async () => {
	watch({ idleMs: 150, answerMs: 60 });
	for (let i = 0; i < 30; i += 1) {
		hear();
		link.sentAt = performance.now();
		await sleep(10);
	}
	expect([probes, losses.length]).toEqual([0, 0]);
});

test('asks where nothing is sent, though the peer is heard: it was promised to hear of us', async () => {
	watch({ idleMs: 60, answerMs: 1000 });
	while (probes < 2) {
		hear();
		await sleep(10);
	}
	expect(losses).toEqual([]);
});

test('a process that stood still asks again before it judges', async () => {
	watch({ idleMs: 20, answerMs: 100 });
	await waitUntil(() => probes === 1);
	standStill(400);
	// The answer was there all the time; now it is read.
	setTimeout(hear, 20);
	await waitUntil(() => probes >= 2);
	expect(losses).toEqual([]);
});

test('a question that stands behind a slow upload has its time from when it leaves', async () => {
	link.backlogged = true;
	watch({ idleMs: 20, answerMs: 80 });
	await waitUntil(() => probes === 1);
	for (let i = 0; i < 40; i += 1) {
		link.progress += 1;
		await sleep(10);
	}
	expect(losses).toEqual([]);
	// It goes no further.
	await waitUntil(() => losses.length === 1);
});

test('is doubtful as long as the peer has not answered, and no longer', async () => {
	const watched = watch({ idleMs: 100, answerMs: 5_000 });
	hear();
	expect([watched.doubtful, watched.asked]).toEqual([false, false]);
	await waitUntil(() => probes === 1);
	expect([watched.doubtful, watched.asked]).toEqual([true, true]);
	hear();
	expect(watched.doubtful).toBe(false);
});

test('an interval without end asks never and promises nothing', async () => {
	const watched = watch({ idleMs: Number.POSITIVE_INFINITY });
	link.heardAt -= 1e9;
	expect([watched.silenceMs, watched.doubtful]).toEqual([0, false]);
	await sleep(50);
	expect(probes).toBe(0);
	expect(watch({ idleMs: 100, answerMs: 200 }).silenceMs).toBe(300);
});

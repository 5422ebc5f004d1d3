import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeepAlive } from '../../../src/runtime/carrier/carrier.ts';
import type { FrameLink } from '../../../src/runtime/carrier/framed/frame-link.ts';
import { LivenessProbe } from '../../../src/runtime/carrier/framed/liveness-probe.ts';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';

/** Time and its timers, which go on when a test says so, whatever the machine does meanwhile. */
const clock = vi.hoisted(() => {
	interface Timer {
		readonly at: number;
		run(): void;
		unref(): void;
	}
	const timers = new Set<Timer>();
	return {
		now: 0,
		setTimeout(run: () => void, ms: number): Timer {
			const timer = { at: clock.now + ms, run, unref() {} };
			timers.add(timer);
			return timer;
		},
		clearTimeout: (timer: Timer) => timers.delete(timer),
		/** Runs what is due. */
		fire(): void {
			for (const timer of [...timers]) {
				if (timer.at <= clock.now && timers.delete(timer)) timer.run();
			}
		},
	};
});
vi.mock('node:timers', () => ({ ...clock, setImmediate, clearImmediate }));

/** A link whose traffic the test makes up. */
let link: { heardAt: number; sentAt: number; progress: number; backlogged: boolean };
let probes: number;
let losses: OrchestraError[];
let probe: LivenessProbe | undefined;

beforeEach(() => {
	vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
	link = { heardAt: performance.now(), sentAt: performance.now(), progress: 0, backlogged: false };
	probes = 0;
	losses = [];
});

afterEach(() => {
	probe?.stop();
	vi.restoreAllMocks();
});

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

/** Lets time pass, millisecond by millisecond. */
function pass(ms: number): void {
	for (let passed = 0; passed < ms; passed += 1) {
		clock.now += 1;
		clock.fire();
	}
}

/** Lets time pass until something has come about. */
function passUntil(condition: () => boolean): void {
	for (let ms = 0; !condition(); ms += 1) {
		if (ms > 10_000) throw new Error(`this never became true: ${condition}`);
		pass(1);
	}
}

test('asks once, and the loss is told once', () => {
	watch({ idleMs: 20, answerMs: 60 });
	passUntil(() => losses.length > 0);
	expect(losses[0]).toMatchObject({ code: 'connection_lost', details: { idleMs: 20, answerMs: 60 } });
	pass(120);
	expect([probes, losses.length]).toEqual([1, 1]);
});

test('a busy connection is not asked', () => {
	watch({ idleMs: 150, answerMs: 60 });
	for (let i = 0; i < 30; i += 1) {
		hear();
		link.sentAt = performance.now();
		pass(10);
	}
	expect([probes, losses.length]).toEqual([0, 0]);
});

test('asks where nothing is sent, though the peer is heard: it was promised to hear of us', () => {
	watch({ idleMs: 60, answerMs: 1000 });
	while (probes < 2) {
		hear();
		pass(10);
	}
	expect(losses).toEqual([]);
});

test('a process that stood still asks again before it judges', () => {
	watch({ idleMs: 20, answerMs: 100 });
	passUntil(() => probes === 1);
	// Nothing of this process runs for a while.
	clock.now += 400;
	clock.fire();
	// The answer was there all the time; now it is read.
	pass(20);
	hear();
	passUntil(() => probes >= 2);
	expect(losses).toEqual([]);
});

test('a question that stands behind a slow upload has its time from when it leaves', () => {
	link.backlogged = true;
	watch({ idleMs: 20, answerMs: 80 });
	passUntil(() => probes === 1);
	for (let i = 0; i < 40; i += 1) {
		link.progress += 1;
		pass(10);
	}
	expect(losses).toEqual([]);
	// It goes no further.
	passUntil(() => losses.length === 1);
});

test('is doubtful as long as the peer has not answered, and no longer', () => {
	const watched = watch({ idleMs: 100, answerMs: 5_000 });
	hear();
	expect([watched.doubtful, watched.asked]).toEqual([false, false]);
	passUntil(() => probes === 1);
	expect([watched.doubtful, watched.asked]).toEqual([true, true]);
	hear();
	expect(watched.doubtful).toBe(false);
});

test('an interval without end asks never and promises nothing', () => {
	const watched = watch({ idleMs: Number.POSITIVE_INFINITY });
	link.heardAt -= 1e9;
	expect([watched.silenceMs, watched.doubtful]).toEqual([0, false]);
	pass(50);
	expect(probes).toBe(0);
	expect(watch({ idleMs: 100, answerMs: 200 }).silenceMs).toBe(300);
});

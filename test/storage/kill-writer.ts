import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

/** Places that are written to side by side: most of the time is that of starts. */
const lanes = 4;

/** Times that the writer of a place is killed: 20 random points with the others, in the long run 100. */
const kills = process.env.ORCHESTRA_SOAK ? 25 : 5;

/**
 * Kills processes that write an entry again and again (fixtures/writer.ts), each at a random point, and expects that the next one finds all that
 * was acknowledged, and nothing half.
 *
 * @param start the command and the words that start a writer of the place of a number
 */
export async function killWriters(
	start: (lane: number) => readonly [string, readonly string[]],
): Promise<void> {
	const lane = async (_: unknown, index: number) => {
		let acknowledged = 0;
		// The last one is there to look.
		for (let round = 0; round <= kills; round++) {
			const before = acknowledged;
			acknowledged = await killWriter(start(index), acknowledged, round === kills ? 1 : 2 + round);
			if (round < kills) expect(acknowledged).toBeGreaterThan(before);
		}
	};
	await Promise.all(Array.from({ length: lanes }, lane));
}

/**
 * @param acknowledged the last version that is known to be on the disk
 * @param lines after how many lines the process is killed, some milliseconds later
 * @returns the last version that it acknowledged
 */
async function killWriter(
	[command, args]: readonly [string, readonly string[]],
	acknowledged: number,
	lines: number,
): Promise<number> {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const exited = once(child, 'exit');
	let last = acknowledged;
	let count = 0;
	for await (const line of createInterface(child.stdout)) {
		const [word = '', written, version] = line.split(' ');
		if (written === undefined) last = Number(word);
		else {
			expect(word).toBe('found');
			// A write that was under way may have come through.
			expect(Number(written)).toBeGreaterThanOrEqual(acknowledged);
			// The version is never behind the content: an old reader cannot write over it.
			expect(Number(version)).toBeGreaterThanOrEqual(Number(written));
			expect(Number(version)).toBeLessThanOrEqual(acknowledged + 1);
		}
		if (++count === lines) setTimeout(() => child.kill('SIGKILL'), Math.random() * 10);
	}
	await exited;
	return last;
}

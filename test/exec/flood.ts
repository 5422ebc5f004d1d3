import assert from 'node:assert/strict';
import { ExecClient } from '../../src/runtime/exec/exec-client.ts';
import { outputBufferBytes } from '../../src/runtime/exec/exec-limits.ts';
import { patienceMs } from '../support/patience.ts';
import type { Harness } from './harness.ts';
import { shellWorld } from './real-shell.ts';

/**
 * A program prints numbered lines. One viewer stays; another comes and goes, over connections of its own too, and goes on where it
 * was. Both have to have read every line, once and in order. The only gap that is allowed is that of a visitor which was away while
 * more was put out than is kept, and it has to be told its exact size, before anything else.
 */
export async function floodWithViewers(harness: Harness, lines: number): Promise<void> {
	const { world, client, sh } = await shellWorld(harness);
	const session = await sh(`stty raw -echo; printf R; read x; seq 1 ${lines}; read x`);
	const { id } = session.session;
	const expected = expectedLines(lines);

	const staying = readLines(session.output, expected, 0, 0, () => false);
	const wandering = (async () => {
		let position = 0;
		let visits = 0;
		while (position < expected.length) {
			const connection = visits % 3 === 2 ? await world.connect('tester') : undefined;
			const visitor = connection ? new ExecClient(connection, { plugin: 'shells' }) : client;
			const attachment = await visitor.attach(id, { from: position, readOnly: true });
			// It leaves somewhere in the middle of what it gets.
			const until = position + 1 + ((visits * 7919) % Math.ceil(expected.length / 12));
			const gap = Math.max(0, attachment.session.outputBytes - outputBufferBytes - position);
			position = await readLines(attachment.output, expected, position, gap, (at) => at >= until);
			attachment.detach();
			await connection?.close();
			visits++;
		}
		return visits;
	})();
	// A line that is typed before the echo is off comes back.
	await ready(async () => (await client.service.get({ session: id }, client.options)).outputBytes > 0);
	await session.write('\n');
	assert.equal(await staying, expected.length);
	const visits = await wandering;
	// How far a visit comes depends on the pieces that arrive, of 64 KiB at most.
	assert.ok(visits >= 3, `only ${visits} visits`);
	await session.write('\n');
	await session.ended;
}

function expectedLines(lines: number): Buffer {
	const parts: string[] = ['R'];
	for (let line = 1; line <= lines; line++) parts.push(`${line}\n`);
	return Buffer.from(parts.join(''));
}

/** Compares what comes with what has to; where it stopped. @param gap bytes that are gone before the first piece, and nowhere else */
async function readLines(
	output: AsyncIterable<{ data: Buffer; offset: number; missed: number }>,
	expected: Buffer,
	from: number,
	gap: number,
	enough: (position: number) => boolean,
): Promise<number> {
	let position = from;
	let expectedGap = gap;
	for await (const { data, offset, missed } of output) {
		assert.equal(missed, expectedGap, `a gap at ${position}`);
		position += missed;
		expectedGap = 0;
		assert.equal(offset, position);
		assert.ok(data.equals(expected.subarray(position, position + data.length)), `other bytes at ${position}`);
		position += data.length;
		if (position >= expected.length || enough(position)) break;
	}
	return position;
}

async function ready(condition: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + patienceMs;
	while (!(await condition())) {
		if (Date.now() > deadline) throw new Error('the program never began');
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

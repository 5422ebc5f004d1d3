import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { markdownStorage } from '../../src/runtime/storage/markdown/markdown-storage.ts';

/** When a writer is killed: some milliseconds after so many acknowledged writes. */
export interface KillTime {
	readonly acknowledged: number;
	readonly waitMs: number;
}

/** Kills a process that writes an entry again and again, and expects that all that it acknowledged is there, and nothing half. */
export async function killWriter(program: string, workspace: string, at: KillTime): Promise<void> {
	const child = spawn(process.execPath, [program, workspace], { stdio: ['ignore', 'pipe', 'inherit'] });
	const exited = once(child, 'exit');
	let last = 0;
	let count = 0;
	for await (const line of createInterface(child.stdout)) {
		last = Number(line);
		if (++count === at.acknowledged) setTimeout(() => child.kill('SIGKILL'), at.waitMs);
	}
	await exited;
	const entry = await markdownStorage({ workspace }).read(
		{ path: 'a.md', storageType: 'markdown' },
		{} as never,
	);
	const text = String(entry?.content);
	const written = Number(/^version (\d+)\n/.exec(text)?.[1]);
	// A write that was under way may have come through; half of one may not.
	expect(written).toBeGreaterThanOrEqual(last);
	expect(text).toBe(`version ${written}\n${'x'.repeat(100_000)}`);
	expect(entry?.metadata).toEqual({ n: written });
	// The version is never behind the content: an old reader cannot write over it.
	expect(entry?.version).toBeGreaterThanOrEqual(written);
	expect(entry?.version).toBeLessThanOrEqual(last + 2);
}

import { describe, expect, it } from 'vitest';

/** The part of bench/processes/client-process.mjs that is used here: bench has no declarations of types. */
interface ClientProcess {
	ask(op: string, params: Record<string, number>, deadlineMs: number): Promise<Record<string, number>>;
	stop(): Promise<void>;
}

const file = new URL('../../bench/processes/client-process.mjs', import.meta.url).href;
const module: { ClientProcess: new (command: string[]) => ClientProcess } = await import(file);

function client(program: string): ClientProcess {
	return new module.ClientProcess([process.execPath, '-e', program]);
}

describe('a client of the benchmark', () => {
	it('that never answers is ended at its deadline', async () => {
		const stuck = client('setInterval(() => {}, 1000)');
		await expect(stuck.ask('load', {}, 200)).rejects.toThrow('did not answer load within 0 s');
		await stuck.stop();
		await expect(stuck.ask('load', {}, 10_000)).rejects.toThrow(/has ended|was ended by SIGKILL/);
	});

	it('that ends is reported with its last words', async () => {
		const ending = client('console.error("no peer"); process.exit(3)');
		await expect(ending.ask('open', {}, 10_000)).rejects.toThrow('ended with exit code 3: no peer');
		await ending.stop();
	});

	it('that reports an error can be asked again', async () => {
		const failing = client(
			'process.stdin.on("data", () => console.log(JSON.stringify({ error: "not now" }))).on("end", () => process.exit())',
		);
		for (const op of ['open', 'load']) await expect(failing.ask(op, {}, 10_000)).rejects.toThrow('not now');
		await failing.stop();
	});
});

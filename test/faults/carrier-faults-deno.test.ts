import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { runtimeCommand } from '../support/runtime-command.ts';
import { carrierFaults } from './carrier-faults.ts';

const runner = fileURLToPath(new URL('./deno-runner.ts', import.meta.url));

const carriers = ['tcp', 'quic'] as const;

/** What a runner said. */
interface Outcome {
	/** By name: the error of a case, undefined where there was none. */
	readonly reports: Map<string, string | undefined>;
	stderr: string;
}

let outcomes: ReadonlyMap<string, Outcome>;

beforeAll(async () => {
	const runs = carriers.map(async (carrier) => [carrier, await runFaults(carrier)] as const);
	outcomes = new Map(await Promise.all(runs));
}, 900_000);

async function runFaults(carrier: string): Promise<Outcome> {
	const outcome: Outcome = { reports: new Map(), stderr: '' };
	const child = spawn(...runtimeCommand('deno', runner, carrier), {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	child.stderr.on('data', (text) => {
		outcome.stderr += text;
	});
	createInterface({ input: child.stdout }).on('line', (line) => {
		const { name, error } = JSON.parse(line) as { name: string; error?: string };
		outcome.reports.set(name, error);
	});
	await once(child, 'close');
	return outcome;
}

describe.each(carriers)('on Deno: %s', (carrier) => {
	for (const { name, carriers } of carrierFaults) {
		if (!carriers.includes(carrier)) continue;
		test(name, () => {
			const outcome = outcomes.get(carrier);
			if (!outcome?.reports.has(name)) expect.fail(`the runner never came to this case:\n${outcome?.stderr}`);
			expect(outcome.reports.get(name)).toBeUndefined();
		});
	}
});

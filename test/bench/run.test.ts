import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { quicWorks } from '../launching/quic-works.ts';
import { natsServerProgram } from '../support/nats-server.ts';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

interface Ended {
	code: number | null;
	stdout: string;
	stderr: string;
}

interface Run {
	machine: { cores: number };
	groups: {
		id: string;
		cases: {
			id: string;
			rows: { id: string; median: Record<string, number>; failure?: string }[];
		}[];
	}[];
}

const scratch = scratchFolder('bench-test');

/** Runs the benchmark to its end, which it has to find itself. */
function bench(...args: string[]): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [join(projectRoot, 'bench/run.mjs'), ...args], { cwd: scratch });
		const ended: Ended = { code: null, stdout: '', stderr: '' };
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			ended.stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			ended.stderr += text;
		});
		child.on('error', reject);
		child.on('close', (code) => resolve({ ...ended, code }));
	});
}

describe('a quick run of ours', () => {
	const json = join(scratch, 'figures.json');
	const markdown = join(scratch, 'page.md');
	let ended: Ended;
	let run: Run;

	beforeAll(async () => {
		writeFileSync(markdown, 'Before.\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nAfter.\n');
		const flags = ['--quick', '--only', 'ours', '--rounds', '1', '--json', json, '--markdown', markdown];
		ended = await bench(...flags);
		if (ended.code === 0) run = JSON.parse(readFileSync(json, 'utf8'));
	});

	it('measures every case', async () => {
		expect(ended.code, ended.stderr).toBe(0);
		const groups = run.groups.map(({ id }) => id);
		expect(groups).toEqual([
			'unary',
			'echo',
			'stream',
			'events',
			'terminal',
			'connect',
			'spawn',
			'restart',
			'cli',
			...(natsServerProgram() === undefined ? [] : ['cluster']),
			'sessions',
			'terminal-sessions',
			'decoding',
			'memory',
			'memory-collected',
			'slow-reader',
		]);
		const withQuic = await quicWorks();
		for (const one of run.groups.flatMap(({ cases }) => cases)) {
			// There is nothing beside our own sessions.
			expect(one.rows.length, one.id).toBeGreaterThan(one.id === 'sessions' ? 0 : 1);
			for (const { id, median, failure } of one.rows) {
				if (id === 'quic' && !withQuic) continue;
				expect(failure, `${one.id} of ${id}`).toBeUndefined();
				expect(Object.values(median).every(Number.isFinite), `${one.id} of ${id}`).toBe(true);
			}
		}
	});

	it('prints tables that name the machine and say that the run was quick', () => {
		expect(ended.stdout).toContain(`QUICK run, 1 round; `);
		expect(ended.stdout).toContain(`${run.machine.cores} cores`);
		expect(ended.stdout).toMatch(
			/100 B, 64 in flight\n.*calls\/s.*p50 ms.*p99 ms\s+× grpc-js\nin-process +[\d,]+ /,
		);
	});

	it('rewrites what is between the markers of a page, and nothing else', () => {
		const page = readFileSync(markdown, 'utf8');
		expect(page).toMatch(
			/^Before\.\n\n<!-- bench:begin -->\n\n20\d\d-.*quick run.*\n\n<!-- bench:end -->\n\nAfter\.\n$/s,
		);
		expect(page).toMatch(/^\| in-process \| [\d,]+ \|/m);
		expect(page).not.toContain('old');
	});
});

describe('what cannot be run', () => {
	it.each([
		[['--only', 'nobody'], /--only: there is no nobody; there are in-process, fd, fd-json-schema, tcp, /],
		[['--case', 'nothing', '--only', 'tcp'], /--case: there is no nothing; there are unary-100B-c1, /],
		[['--table', 'waits'], /--table: there is no waits; there is waiting/],
		[['--compare', join(scratch, 'none.md'), '--only', 'tcp'], /none\.md/],
		[['--rounds', '0'], /--rounds is 1 to 50/],
		[['--markdown', join(scratch, 'none.md'), '--only', 'tcp'], /none\.md/],
	])('is refused: %s', async (args, message) => {
		const { code, stderr } = await bench(...args);
		expect(code).toBe(1);
		expect(stderr).toMatch(message);
	});
});

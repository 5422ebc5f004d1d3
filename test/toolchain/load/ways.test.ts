import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { fixtures } from './fixtures.ts';
import { runFixture, type Way, writeFixture } from './run-fixture.ts';

// The long run has all fixtures and all ways: `npm run test:soak`.
const isLong = process.env.ORCHESTRA_SOAK === '1';
const ways: Way[] = isLong
	? ['call', 'call --spawn', 'build and run', 'call on Deno', 'build and run on Deno']
	: ['call', 'build and run'];

const scratch = scratchFolder('ways');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

describe.each(fixtures.filter((fixture) => isLong || fixture.short))('$name', (fixture) => {
	test('answers the same however it is run', async () => {
		const dir = writeFixture(mkdtempSync(join(scratch, 'f-')), fixture);
		// Where nothing is installed.
		const out = mkdtempSync(join(scratch, 'out-'));
		for (const way of ways) {
			const { code, stdout, stderr } = await runFixture(way, dir, out, env);
			const told = `${way}: ${stdout}${stderr}`;
			if (fixture.error) {
				const { message, hint } = JSON.parse(stderr).error as { message: string; hint: string };
				expect(`${message}\n${hint}`, told).toMatch(fixture.error);
				expect(code, told).toBe(3);
			} else if (fixture.buildError && way.startsWith('build')) {
				expect(told).toMatch(fixture.buildError);
				expect(code, told).toBeGreaterThan(1);
			} else {
				expect({ code, stderr, stdout }, told).toMatchObject({ code: 0, stderr: '' });
				expect(JSON.parse(stdout), told).toEqual(fixture.result);
			}
		}
	});
});

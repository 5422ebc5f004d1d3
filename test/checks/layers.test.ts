import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const copy = scratchFolder('layers');

beforeAll(() => {
	cpSync(join(projectRoot, 'src'), join(copy, 'src'), { recursive: true });
});

function check() {
	return spawnSync(process.execPath, [join(projectRoot, 'scripts/check-layers.mjs'), copy], {
		encoding: 'utf8',
	});
}

/** Adds a line to a file, as long as the work takes. */
function withPlanted(file: string, line: string, work: () => void): void {
	const path = join(copy, file);
	const before = readFileSync(path, 'utf8');
	writeFileSync(path, `${line}\n${before}`);
	try {
		work();
	} finally {
		writeFileSync(path, before);
	}
}

describe('npm run check:layers', () => {
	it('finds nothing wrong in the sources', () => {
		const { status, stderr } = check();
		expect(stderr).toBe('');
		expect(status).toBe(0);
	});

	it.each([
		['src/runtime/wire/frame.ts', "import { dial } from '../carrier/network-carrier.ts';"],
		[
			'src/runtime/carrier/quic/driver/quic-driver.ts',
			"import { createPlugin } from '../../../plugin/definition/create-plugin.ts';",
		],
		['src/runtime/client/listings.ts', "import type { Plugin } from '../plugin/definition/plugin.ts';"],
		[
			'src/runtime/plugin/serving/dispatcher.ts',
			"const late = () => import('../../../toolchain/find-deno.ts');",
		],
		['src/runtime/identity/identity.ts', "export type { Address } from '../carrier/address.ts';"],
		['src/toolchain/find-deno.ts', "type Style = typeof import('../cli/style.ts');"],
		['src/cli/style.ts', "import 'react';"],
	])('refuses what is planted in %s', (file, line) => {
		withPlanted(file, line, () => {
			const { status, stderr } = check();
			expect(status).toBe(1);
			expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(file)]);
		});
	});

	it.each([
		['src/runtime/exec/viewer.ts', "import type { ExecSession } from './exec-session.ts';"],
		['src/runtime/wire/frame.ts', "const early = () => import('./frame-decoder.ts');"],
	])('refuses the circle that a line in %s makes within its folder', (file, line) => {
		withPlanted(file, line, () => {
			const { status, stderr } = check();
			expect(status).toBe(1);
			expect(stderr).toMatch(/^files import each other in a circle: (\S+) → .* → \1\n$/);
			expect(stderr).toContain(file);
		});
	});

	it('refuses a folder that has no layer', () => {
		mkdirSync(join(copy, 'src/elsewhere'));
		writeFileSync(join(copy, 'src/elsewhere/place.ts'), '');
		expect(check().status).toBe(1);
		rmSync(join(copy, 'src/elsewhere'), { recursive: true });
	});
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const folder = scratchFolder('interrupted');

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
	'%s lets a command leave things whole, and the second one ends it at once',
	async (signal) => {
		const program = await bundleProgram(new URL('fixtures/interruptible-work.ts', import.meta.url), folder);
		const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
		const ended = once(child, 'exit');
		let said = '';
		child.stdout.setEncoding('utf8').on('data', (text) => {
			said += text;
		});
		try {
			await waitUntil(() => said.includes('begun'));
			child.kill(signal);
			await waitUntil(() => said.includes('interrupted'));
			expect(child.exitCode).toBeNull();
			child.kill(signal);
			expect(await ended).toEqual([130, null]);
		} finally {
			child.kill('SIGKILL');
		}
	},
);

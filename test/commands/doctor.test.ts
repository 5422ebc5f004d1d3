import { chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { writeFiles } from '../toolchain/write-files.ts';

test('names each of ten planted faults, and the command that mends it', async () => {
	const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-doctor-test-')));
	const server = createServer().listen(0, '127.0.0.1');
	try {
		const certs = join(scratch, 'certs');
		const env = {
			ORCHESTRA_CERTS_DIR: certs,
			ORCHESTRA_HOME: join(scratch, 'home'),
			ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
			ORCHESTRA_QUIC_BINDING: join(scratch, 'no-binding.node'),
			PATH: join(scratch, 'nothing'),
		};
		expect(await runCli(['certs', 'init'], { env })).toMatchObject({ code: 0 });
		for (const name of ['gone', 'open']) await runCli(['certs', 'issue', name], { env });
		await runCli(['certs', 'revoke', 'gone', '--force'], { env });
		chmodSync(join(certs, 'open.key'), 0o644);
		writeFiles(scratch, {
			'package.json':
				'{"engines":{"node":">=99"},"dependencies":{"orchestra-toolchain":"*","no-such-package-here":"1"}}',
			'deno.json': '{}',
			'home/plugins/registry.json': '{',
			'cache/x': '',
			'node_modules/x': '',
		});
		symlinkSync(join(scratch, 'nowhere'), join(scratch, 'node_modules/orchestra-toolchain'));
		chmodSync(join(scratch, 'cache'), 0o777);
		const later = Date.now() / 1000 + 86_400;
		utimesSync(join(scratch, 'package.json'), later, later);
		const { port } = server.address() as { port: number };
		const { code, stdout } = await runCli(['doctor', '--json', '--listen', `tcp://127.0.0.1:${port}`], {
			cwd: scratch,
			env,
		});
		expect(code).toBe(3);
		const { findings } = JSON.parse(stdout) as {
			findings: { check: string; state: string; message: string; mend?: string }[];
		};
		const wrong = findings
			.filter(({ state }) => state !== 'ok')
			.map(({ check, message, mend }) => `${check}: ${message} → ${mend}`);
		for (const pattern of [
			/^runtime: .*Node >=99.* → nvm install 99/,
			/^programs: .*Deno.* → npm install --save-dev deno/,
			/^clock: .*package\.json.* → sudo /,
			/^quic: .* → unset ORCHESTRA_QUIC_BINDING/,
			/^certificates: .*gone.*revoked.* → orchestra certs /,
			/^certificates: .*open\.key.* → chmod 600 .*open\.key/,
			/^ports: .* → orchestra serve --listen tcp:\/\/127\.0\.0\.1:0/,
			/^registry: .* → mv .*registry\.json/,
			/^cache: .* → chmod go-w .*cache/,
			/^packages: .*leads to where nothing is → npm install/,
		]) {
			expect(wrong).toContainEqual(expect.stringMatching(pattern));
		}
	} finally {
		server.close();
		rmSync(scratch, { recursive: true, force: true });
	}
});

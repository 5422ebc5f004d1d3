import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('cluster-certificates');

it.each(['node', 'deno'] as const)(
	'a node without certificates says what to do, and makes no authority of its own (on %s)',
	async (runtime) => {
		const own = join(scratch, runtime);
		mkdirSync(own);
		writeFileSync(
			join(own, 'orchestra.yaml'),
			`listen: [tcp://127.0.0.1:0]
certs_dir: certs
cluster: { node: alpha, servers: ["tls://127.0.0.1:4222"] }
plugins: []
`,
		);
		const { code, stderr } = await runCli(['serve', '--json'], { cwd: own, runtime });
		expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
			error: {
				code: 'certificate_missing',
				message: expect.stringMatching(/^node alpha has no certificates: there is no \/.*\/certs\/ca\.crt$/),
				hint: expect.stringContaining('orchestra cluster init'),
				details: { node: 'alpha' },
			},
		});
		expect(code).toBe(3);
		expect(existsSync(join(own, 'certs'))).toBe(false);
	},
);

it('a node whose folder has certificates of others only says which one is missing', async () => {
	const own = join(scratch, 'gamma');
	const certs = join(own, 'certs');
	await ensureIdentity(certs, 'beta');
	rmSync(join(certs, 'ca.key'));
	writeFileSync(
		join(own, 'orchestra.yaml'),
		`listen: [tcp://127.0.0.1:0]
certs_dir: certs
cluster: { node: gamma, servers: ["tls://127.0.0.1:4222"] }
plugins: []
`,
	);
	const { code, stderr } = await runCli(['serve', '--json'], { cwd: own });
	expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
		error: {
			code: 'certificate_missing',
			message: expect.stringMatching(/^node gamma has no certificate: there is no \/.*\/certs\/gamma\.crt$/),
			hint: expect.stringContaining('orchestra certs import gamma.pem'),
			details: { node: 'gamma' },
		},
	});
	expect(code).toBe(3);
});

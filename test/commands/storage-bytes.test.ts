import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('bytes');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

/** Runs the executable with its stdin and stdout in files, so that bytes stay bytes. */
function shell(command: string): void {
	const { status, stderr } = spawnSync('sh', ['-c', `"$0" bin/orchestra.js ${command}`, process.execPath], {
		cwd: projectRoot,
		env: { ...process.env, ...env },
		encoding: 'utf8',
	});
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

test('bytes stay what they are: from a file and from stdin, to stdout and as base64', async () => {
	const file = join(scratch, 'plugin.ts');
	writeFileSync(
		file,
		`import { createPlugin } from 'orchestra-toolchain';
const entries = new Map<string, Uint8Array>();
export default createPlugin('bytes').providesStorage('files').setStorageHandler({
	read: ({ path }) => { const content = entries.get(path); return content && { content, version: 1 }; },
	write: ({ path, content }) => { entries.set(path, content); return 1; },
	delete: ({ path }) => entries.delete(path),
	list: () => [],
}).build();
`,
	);
	await using cli = new RunningCli(['serve', file, '--listen', 'tcp://127.0.0.1:0', '--json'], { env });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
	const bytes = Buffer.from([0, 255, 10, 200]);
	writeFileSync(join(scratch, 'bytes'), bytes);

	shell(`storage ${address} write one '@${scratch}/bytes' > /dev/null`);
	shell(`storage ${address} write two - < '${scratch}/bytes' > /dev/null`);
	for (const path of ['one', 'two']) {
		shell(`storage ${address} read ${path} > '${scratch}/${path}'`);
		expect(readFileSync(join(scratch, path))).toEqual(bytes);
	}
	const { stdout } = await runCli(['storage', address, 'read', 'one', '--json'], { env });
	expect(JSON.parse(stdout)).toMatchObject({ version: 1, base64: bytes.toString('base64') });
});

test('words in the other order are answered with the right ones', async () => {
	const { code, stderr } = await runCli(['storage', 'read', 'examples/notes', 'a.md'], { env });
	expect(code).toBe(2);
	expect(stderr).toContain('Write orchestra storage examples/notes read a.md.');
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { readConfiguration } from '../../src/toolchain/configuration/read-configuration.ts';
import { servedConfiguration } from '../../src/toolchain/serve/served-configuration.ts';
import { startServing } from '../../src/toolchain/serve/start-serving.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeExecutable } from '../toolchain/serve/plugin-files.ts';
import { writeFiles } from '../toolchain/write-files.ts';
import { goBinaries, titled } from './support/go-binaries.ts';
import { GoPeer } from './support/go-peer.ts';

const go = await goBinaries();
const folder = scratchFolder('go-config');

/** What Go makes of a plugins.yaml. */
interface GoConfig {
	readonly plugins: {
		readonly id: string;
		readonly binary: string;
		readonly args: string[] | null;
		readonly env: Record<string, string> | null;
		readonly config: Record<string, string> | null;
		readonly enabled: boolean;
		readonly provides_storage: string[] | null;
		readonly provides_ai: string[] | null;
	}[];
}

/** Ways to write a value, each of which one of the two readers could take for something else. */
const values = [
	...['1', '007', '0x1F', '0o17', '1_000', '-0', '+5', '1e3', '1.10', '.5', '5.', '.inf', '-.INF', '.nan'],
	...['true', 'False', 'TRUE', 'yes', 'No', 'on', 'OFF', 'y', 'n', 'null', '~', 'Null', ''],
	...['2024-01-01', '2024-01-01T00:00:00Z', '12:30:45', 'a b', '"1"', "'it''s'", '"\\u00e9\\n"', "''"],
	...[
		'|\n        lines\n        more\n',
		'>-\n        folded\n        text\n',
		'a\n        b',
		'"a\n        b"',
	],
	...['<<', '=', `sk-\${env:TOKEN}`, '!!str 5', 'x # no', 'x#yes', '99999999999999999999', '0b101'],
];

describe.skipIf(go.missing)(titled('a plugins.yaml as Go reads it', go), () => {
	test.each(values)('%j is the same text to both', async (value) => {
		await using peer = new GoPeer(go.peer);
		const text = `plugins:
  - id: a
    binary: ./a
    enabled: true
    env:
      V: ${value}
    config:
      V: ${value}
    args: [a, 1, 1.10, yes, ~, "x"]
`;
		writeFiles(folder, { 'plugins.yaml': text });
		const path = join(folder, 'plugins.yaml');
		const theirs = await peer.ask<GoConfig>('read_config', { path });
		const { plugins } = await readConfiguration(path);
		const [ours] = plugins;
		const { env, config, args } = theirs.plugins[0] as GoConfig['plugins'][number];
		expect({ ...ours?.process.env }).toEqual(env);
		expect({ ...ours?.config }).toEqual(config);
		expect(ours?.process.args).toEqual(args);
	});

	test.each(['true', 'false', 'yes', 'No', 'ON', 'off', 'y', 'N', 'True', 'FALSE', '~', ''])(
		'enabled: %s means the same to both',
		async (value) => {
			await using peer = new GoPeer(go.peer);
			writeFiles(folder, { 'plugins.yaml': `plugins: [{id: 5, binary: a, enabled: ${value}}]` });
			const path = join(folder, 'plugins.yaml');
			const theirs = await peer.ask<GoConfig>('read_config', { path });
			const { plugins } = await readConfiguration(path);
			expect(plugins.map(({ id, enabled }) => ({ id, enabled }))).toEqual(
				theirs.plugins.map(({ id, enabled }) => ({ id, enabled })),
			);
		},
	);

	test('serves the tools that a Go host serves, each from the plugin that has it there', async () => {
		const certs = join(folder, 'certs');
		writeExecutable(folder, 'bin/ours.mjs', { id: 'ours', tools: ['echo', 'only_ours', 'shared'] });
		writeExecutable(folder, 'bin/last.mjs', { id: 'last', tools: ['shared'] });
		writeExecutable(folder, 'bin/off.mjs', { id: 'off', tools: ['shared', 'off'] });
		writeFiles(folder, {
			'plugins.yaml': `
listen_addr: "localhost:0"
tcp_addr: "localhost:0"
certs_dir: ${certs}
plugins:
  - id: ours
    binary: ./bin/ours.mjs
    enabled: true
    args: [--workspace=., --depth=3]
    config: {retries: 3, verbose: yes}
    depends_on: [missing]
  - id: other.than.its.own
    binary: ${go.plugin}
    enabled: true
    provides_storage: [gostore]
  - id: missing
    binary: ./bin/missing
    enabled: true
  - id: go.twin
    binary: ${go.plugin}
    enabled: yes
    env: {GO_PLUGIN_ID: go.twin}
    provides_storage: [gostore]
  - id: last
    binary: ./bin/last.mjs
    enabled: true
  - id: off
    binary: ./bin/off.mjs
    enabled: false
`,
		});
		const path = join(folder, 'plugins.yaml');
		await using peer = new GoPeer(go.peer);
		const { address } = await peer.serve('serve', { dir: certs, name: 'orchestrator' });
		const theirs = await peer.ask<{ tools: Record<string, string>; failed: string[] }>('host_config', {
			path,
			dir: certs,
			orchestrator: address,
		});

		const log: LogEntry[] = [];
		const failed: string[] = [];
		const configuration = await readConfiguration(path);
		const onLog = (entry: LogEntry) => log.push(entry);
		await using orchestrator = await startServing(servedConfiguration(configuration, { onLog }), {
			addresses: configuration.listen ?? [],
			certsDir: configuration.certsDir,
			onLog,
			onOutput: () => {},
			onFailure: (slot) => failed.push(slot.id),
		});
		await using client = createClient(orchestrator.connect('tester'));
		const tools = await client.listTools();
		expect(Object.fromEntries(tools.map(({ name, plugin }) => [name, plugin]))).toEqual(theirs.tools);
		expect(theirs.tools).toMatchObject({ echo: 'go.twin', only_ours: 'ours', shared: 'last' });
		expect(failed).toEqual(theirs.failed);

		// The plugin whose tools were taken is there all the same, under the name of the file.
		expect(await client.callTool('shared', {}, { plugin: 'ours' })).toEqual({ text: 'ours' });
		expect(await client.callTool('echo', { n: 1 }, { plugin: 'other.than.its.own' })).toEqual({ n: 1 });
		expect(await client.callTool('ours.about')).toMatchObject({
			booted: { retries: '3', verbose: 'yes' },
			args: expect.arrayContaining([`--workspace=${folder}`, '--depth=3']),
		});
		const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message);
		expect(warnings).toContain('go.twin answers for the tool echo, which other.than.its.own, ours has too');
		expect(warnings).toContain('last answers for the tool shared, which ours has too');
		expect(warnings).toContain(
			'go.twin answers for the storage type gostore, which other.than.its.own has too',
		);
		// It is served before it has registered, where that takes long.
		await expect
			.poll(() => log)
			.toContainEqual(
				expect.objectContaining({ plugin: 'other.than.its.own', message: 'it calls itself go-tools' }),
			);
	});
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NatsServer, natsServerProgram, startNats } from '../support/nats-server.ts';
import { TerminalScreen } from '../support/terminal-screen.ts';
import { expectRestored } from '../tui/served-shop.ts';
import { ClusterFolder, type NodePlugin, patientLease, RunningNode, untilAnswered } from './running-node.ts';

const weather: NodePlugin = {
	id: 'weather',
	body: `	.version('1.2.0').registerTool('forecast', { description: '' }, async () => ({ node }))`,
};

const billing: NodePlugin = {
	id: 'billing',
	more: 'singleton: true',
	body: `	.registerTool('bill', { description: '' }, async () => ({ node }))`,
};

describe.skipIf(natsServerProgram() === undefined)(
	'a cluster in the terminal interface (with nats-server)',
	() => {
		let folder: ClusterFolder;
		let server: NatsServer;
		const nodes: RunningNode[] = [];

		beforeAll(async () => {
			const names = ['alpha', 'beta'];
			folder = new ClusterFolder();
			server = await startNats({ certsDir: folder.certsDir, users: names });
			const start = async (node: string, plugins: readonly NodePlugin[]) =>
				nodes.push(
					await RunningNode.start({
						node,
						folder,
						servers: [server.url],
						plugins,
						cluster: { lease: patientLease },
						nodes: names,
					}),
				);
			await start('alpha', [billing]);
			await untilAnswered(await (nodes[0] as RunningNode).client(), 'bill');
			await start('beta', [weather, billing]);
			await untilAnswered(await (nodes[0] as RunningNode).client(), 'forecast');
			await untilAnswered(await (nodes[1] as RunningNode).client(), 'bill');
		}, 300_000);
		afterAll(async () => {
			for (const node of nodes) await node[Symbol.asyncDispose]();
			await server?.[Symbol.asyncDispose]();
			folder?.[Symbol.dispose]();
		}, 300_000);

		const top = (options: { readonly columns?: number; readonly rows?: number; readonly runtime?: 'deno' }) =>
			new TerminalScreen(['top', nodes[0]?.address ?? ''], {
				env: {
					ORCHESTRA_CERTS_DIR: folder.certsDir,
					ORCHESTRA_CACHE_DIR: join(folder.path, 'cache'),
				},
				...options,
			});

		const normal = (text: string) =>
			nodes
				.reduce((all, { address }) => all.replaceAll(address.replace(/^.*:/, ''), '00000'), text)
				.replace(/(?<=toolchain\/)\d+\.\d+\.\d+\S*/g, (version) => '#'.padEnd(version.length))
				.replace(/Logs \d+/, 'Logs #')
				.replace(/ +\d+ under way .*(?=● live)/g, '  (figures)  ');

		test.each([
			[80, 24],
			[40, 10],
			[160, 50],
		])(
			'its nodes on %i×%i',
			async (columns, rows) => {
				await using screen = top({ columns, rows });
				await screen.until(/live/);
				await screen.until(/\b5\b.*\b6( |$)/m);
				screen.type('6');
				await screen.until(/▸ alpha \* +up/);
				await screen.until(/beta +up .*weather/);
				await expect(normal(screen.text())).toMatchFileSnapshot(`../tui/golden/${columns}x${rows}-nodes.txt`);
				screen.type('q');
				expect((await screen.exited).code).toBe(0);
				expectRestored(screen);
			},
			180_000,
		);

		test('one of them is opened; a server that NATS cannot be reached from says so', async () => {
			await using screen = top({ columns: 110, rows: 30, runtime: 'deno' });
			await screen.until(/6 Nodes 2/);
			screen.type('6');
			await screen.until(/▸ alpha/);
			screen.type('j\r');
			await screen.until(/Node beta[\s\S]*weather 1\.2\.0[\s\S]*running[\s\S]*forecast/);
			screen.type('\x1b');
			await server.kill();
			await screen.until(/cut off from NATS/);
			await screen.until(/node alpha is cut off from its cluster/);
			await screen.until(/alpha \* +cut/);
			await server.start();
			await screen.until((text) => !text.includes('cut off'), 60_000);
			screen.type('q');
			expect((await screen.exited).code).toBe(0);
		}, 180_000);
	},
);

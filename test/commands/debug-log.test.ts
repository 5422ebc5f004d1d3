import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = scratchFolder('debug');

function call(log: string | undefined, runtime: 'node' | 'deno', ...flags: string[]) {
	return runCli(['call', 'examples/weather', 'forecast', 'city=Reykjavik', ...flags], {
		runtime,
		env: { ORCHESTRA_CERTS_DIR: join(folder, runtime), ...(log === undefined ? {} : { ORCHESTRA_LOG: log }) },
	});
}

describe.each(['node', 'deno'] as const)('ORCHESTRA_LOG on %s', (runtime) => {
	test('debug shows each dial, handshake, launch, exchange and route, in the plugin too, and no argument', async () => {
		const { code, stdout, stderr } = await call('debug', runtime, '--spawn', '--carrier', 'tcp');
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toHaveProperty('city', 'Reykjavik');
		const line = (text: RegExp) => expect(stderr).toMatch(new RegExp(`^ *[0-9.]+ ms ${text.source}`, 'm'));
		line(/dial +tcp:\/\/127\.0\.0\.1:\d+, expecting "weather"$/);
		line(/handshake tcp:\/\/127\.0\.0\.1:\d+ is "weather" \(tcp\), [0-9.]+ ms and [0-9.]+ ms for TLS$/);
		line(/launch +process \d+: "/);
		line(/launch +weather has booted$/);
		line(/launch +process \d+ ended: exit code 0$/);
		line(/route +toolCall "forecast" of "cli" to "weather"$/);
		line(/exchange +-> "weather" \(tcp\) toolCall "forecast" #\d+ answered after [0-9.]+ ms$/);
		expect(stderr).toMatch(
			/^\[weather\] +[0-9.]+ ms exchange +<- "orchestrator" \(tcp\) toolCall "forecast" #\d+$/m,
		);
		expect(stderr).not.toContain('Reykjavik');
	});

	test('a list of areas shows these alone, and a word that is none is named', async () => {
		const { code, stderr } = await call('route,rout', runtime);
		expect(code).toBe(0);
		expect(stderr).toContain(
			'ORCHESTRA_LOG: "rout" is not known: debug, dial, handshake, launch, exchange, route\n',
		);
		expect(stderr).toContain('toolCall "forecast" of "cli" to "weather"');
		expect(stderr).not.toContain(' exchange ');
	});

	test('without it nothing is shown', async () => {
		expect((await call(undefined, runtime)).stderr).toBe('');
	});
});

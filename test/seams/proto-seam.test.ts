import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { protoSeam } from '../../src/runtime/go-plugin.ts';
import { discoverPlugins, embedded, launched } from '../../src/runtime/host.ts';
import { createPlugin } from '../../src/runtime/index.ts';
import { loadSeam } from '../../src/runtime/seams.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('proto-seam');

const proto = `syntax = "proto3";
package clock.v1;
import "google/protobuf/timestamp.proto";
message Zone { string zone_name = 1; }
message Time { google.protobuf.Timestamp at = 1; int64 unix_nanos = 2; }
service ClockService {
  rpc Now(Zone) returns (Time);
  rpc Tick(Zone) returns (stream Time);
  rpc Longest(stream Zone) returns (Zone);
}
`;

test('a seam of a .proto is served and loaded, with its names, its kinds and its checks', async () => {
	const file = join(scratch, 'clock.proto');
	writeFileSync(file, proto);
	const clock = protoSeam(file, { service: 'clock.v1.ClockService', version: 1, name: 'clock' });
	expect(Object.entries(clock.methods).map(([name, { kind }]) => [name, kind])).toEqual([
		['now', 'unary'],
		['tick', 'server_stream'],
		['longest', 'client_stream'],
	]);
	const plugin = createPlugin('clock')
		.provideSeam(clock, {
			now: ({ zoneName }: { zoneName: string }) =>
				zoneName === 'broken'
					? { unixNanos: {} }
					: { at: '2026-01-01T00:00:00Z', unixNanos: '1767225600000000000' },
			async *tick() {
				yield { unixNanos: '1' };
				yield { unixNanos: '2' };
			},
			async longest(zones: AsyncIterable<{ zoneName: string }>) {
				let longest = '';
				for await (const { zoneName } of zones) if (zoneName.length > longest.length) longest = zoneName;
				return { zoneName: longest };
			},
		} as never)
		.build();
	await using seam = await loadSeam(clock, embedded(plugin));
	const client = seam.client as unknown as {
		now(zone: object): Promise<object>;
		tick(zone: object): AsyncIterable<object>;
		longest(zones: object[]): Promise<object>;
	};
	expect(await client.now({ zoneName: 'UTC' })).toEqual({
		at: '2026-01-01T00:00:00Z',
		unixNanos: '1767225600000000000',
	});
	const ticks = [];
	for await (const tick of client.tick({})) ticks.push(tick);
	expect(ticks).toEqual([{ unixNanos: '1' }, { unixNanos: '2' }]);
	expect(await client.longest([{ zoneName: 'a' }, { zoneName: 'abc' }])).toEqual({ zoneName: 'abc' });
	await expect(client.now({ zoneName: 7 })).rejects.toMatchObject({ code: 'invalid_arguments' });
	await expect(client.now({ zoneName: 'broken' })).rejects.toMatchObject({ code: 'invalid_response' });
	expect(() => protoSeam(file, { service: 'clock.v1.Other', version: 1 })).toThrow(
		/no service clock.v1.Other/,
	);
	expect(() => protoSeam(join(scratch, 'none.proto'), { service: 'a.B', version: 1 })).toThrow(/none.proto/);
});

test('G16 an executable with another checksum is not started', async () => {
	const mark = join(scratch, 'started');
	const command = join(scratch, 'plugin');
	writeFileSync(
		command,
		`#!/bin/sh
touch ${mark}
exit 3
`,
	);
	chmodSync(command, 0o755);
	const sha256 = createHash('sha256').update(readFileSync(command)).digest('hex');
	const source = (expected: string) =>
		launched({ label: 'checked', command: { command }, certsDir: join(scratch, 'certs'), sha256: expected });
	const clock = protoSeam(join(scratch, 'clock.proto'), { service: 'clock.v1.ClockService', version: 1 });
	const refused = loadSeam(clock, source(`${'0'.repeat(63)}1`));
	await expect(refused).rejects.toMatchObject({
		code: 'integrity_failed',
		message: expect.stringContaining(command),
	});
	expect(() => readFileSync(mark)).toThrow();
	// With its own it is: that it is no plugin is another matter.
	await expect(loadSeam(clock, source(sha256))).rejects.toMatchObject({ code: 'start_failed' });
	readFileSync(mark);
});

test('G20 the plugins of a folder are found by a pattern: executables only, whole paths, sorted', () => {
	const folder = join(scratch, 'plugins');
	mkdirSync(join(folder, 'console-plugin-folder'), { recursive: true });
	for (const [name, mode] of [
		['console-plugin-b', 0o755],
		['console-plugin-a', 0o755],
		['console-plugin-notes.txt', 0o644],
		['other', 0o755],
	] as const) {
		writeFileSync(join(folder, name), '#!/bin/sh\n');
		chmodSync(join(folder, name), mode);
	}
	symlinkSync(join(folder, 'nowhere'), join(folder, 'console-plugin-broken'));
	expect(discoverPlugins(folder, 'console-plugin-*')).toEqual([
		join(folder, 'console-plugin-a'),
		join(folder, 'console-plugin-b'),
	]);
	expect(discoverPlugins(join(scratch, 'not-there'))).toEqual([]);
});

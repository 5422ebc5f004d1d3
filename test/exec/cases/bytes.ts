import assert from 'node:assert/strict';
import { floodWithViewers } from '../flood.ts';
import type { ExecCase } from '../harness.ts';
import { Gathered, shellWorld } from '../real-shell.ts';
import { waitUntilAsync } from '../wait-until-async.ts';

/** That no byte is lost, and none comes twice. */
export const byteCases: readonly ExecCase[] = [
	{
		name: 'E5 Y4 viewers that come and go under a flood get every byte, once',
		run: (harness) => floodWithViewers(harness, 40_000),
	},
	{
		name: 'E4 E6 what comes while nobody watches is there for who attaches, byte for byte',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const session = await sh(
				'stty raw -echo; printf "\\377\\000\\200one"; read x; printf "\\376two"; read x',
			);
			const seen = new Gathered(session);
			await seen.until('one');
			session.detach();
			await session.ended;
			const { id } = session.session;
			const typing = await client.attach(id);
			await typing.write('\n');
			const all = new Gathered(typing);
			await all.until('two');
			assert.equal(typing.replay, 6);
			assert.equal(all.bytes.toString('latin1'), '\xff\0\x80one\xfetwo');
			const logs = await client.service.logs({ session: id }, client.options);
			assert.equal(Buffer.from(logs.stdout, 'base64').toString('latin1'), '\xff\0\x80one\xfetwo');
			await client.service.close({ session: id }, client.options);
		},
	},
	{
		name: 'E7 of fifty sessions each gets its own bytes, and one that nobody reads delays none',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const stuck = await sh('yes stuck');
			const sessions = await Promise.all(
				Array.from({ length: 50 }, (_, index) => sh(`read x; echo "<$x-${index}>"`, index % 2 === 0)),
			);
			const seen = sessions.map((session) => new Gathered(session));
			await Promise.all(sessions.map((session, index) => session.write(`in${index}\n`)));
			await Promise.all(seen.map(({ done }) => done));
			for (const [index, { bytes }] of seen.entries()) {
				const text = bytes.toString().replaceAll('\r', '');
				assert.equal(text, `${index % 2 === 0 ? `in${index}\n` : ''}<in${index}-${index}>\n`);
			}
			stuck.detach();
			await client.service.close({ session: stuck.session.id }, client.options);
		},
	},
	{
		name: 'Y6 a program that does not read its input holds up nobody else',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const deaf = await sh('exec sleep 60', false);
			const writing = deaf.write(Buffer.alloc(2_000_000));
			const echo = await sh('cat', false);
			const seen = new Gathered(echo);
			await echo.write('hello');
			await seen.until('hello');
			await client.service.close({ session: deaf.session.id }, client.options);
			await writing;
			echo.endInput();
			await seen.done;
		},
	},
	{
		name: 'E13 Y5 a viewer that does not read holds the program back, and misses nothing',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const session = await sh('stty raw -echo; seq 300000; printf END');
			const { id } = session.session;
			const total = Array.from({ length: 300_000 }, (_, line) => `${line + 1}\n`).join('').length + 3;
			const outputBytes = async () => (await client.service.get({ session: id }, client.options)).outputBytes;
			// As much as is kept, at most: then it stands still.
			await waitUntilAsync(async () => (await outputBytes()) > 900_000);
			let before = 0;
			await waitUntilAsync(async () => {
				const now = await outputBytes();
				const still = now === before;
				before = now;
				if (!still) await new Promise((resolve) => setTimeout(resolve, 50));
				return still;
			});
			assert.ok(before < total - 300_000, `${before} of ${total}`);
			const seen = new Gathered(session);
			await seen.done;
			assert.equal(seen.missed, 0);
			const { bytes } = seen;
			assert.equal(bytes.length, total);
			assert.ok(bytes.subarray(-9).equals(Buffer.from('00000\nEND').subarray(-9)));
		},
	},
	{
		name: 'Y8 the tail is delivered before the end, to a viewer that is slow too',
		async run(harness) {
			const { client, sh } = await shellWorld(harness);
			const session = await sh('stty raw -echo; head -c 600000 /dev/zero; printf END');
			// The program has ended, and its session is gone, before anybody reads.
			const { id } = session.session;
			await waitUntilAsync(async () => {
				const { sessions } = await client.service.list({}, client.options);
				return !sessions.some((each) => each.id === id);
			});
			const seen = new Gathered(session);
			await seen.done;
			assert.equal(seen.bytes.length, 600_003);
			assert.equal(seen.bytes.subarray(-3).toString(), 'END');
			assert.deepEqual(await session.ended, { kind: 'closed', exit: { code: 0, signal: null } });
		},
	},
];

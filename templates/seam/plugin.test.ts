import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { embedded } from 'orchestra-toolchain/host';
import { isNotFound, loadSeam } from 'orchestra-toolchain/seams';
import plugin from './plugin.ts';
import { thermometer } from './thermometer.ts';

// In this process. `launched({ … })` in the place of `embedded(plugin)` gives the same, from a process of its own.
const seam = await loadSeam(thermometer, embedded(plugin));
after(() => seam.close());

test('reads a room', async () => {
	assert.deepEqual(await seam.client.read({ room: 'cellar' }), { celsius: 11 });
});

test('says that a room has no thermometer', async () => {
	await assert.rejects(seam.client.read({ room: 'garden' }), isNotFound);
});

test('watches for as long as somebody reads', async () => {
	const readings: number[] = [];
	for await (const { celsius } of seam.client.watch({ room: 'kitchen' })) {
		readings.push(celsius);
		if (readings.length === 4) break;
	}
	assert.deepEqual(readings, [21, 21.1, 21.2, 21]);
});

test('refuses what is no room', async () => {
	await assert.rejects(seam.client.read({ room: 7 } as never), { code: 'invalid_arguments' });
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: arguments are checked and errors arrive just as they do over the network.
const host = await testHost(plugin);
const { client } = host;
after(() => host.stop());

test('forecasts three days unless asked for more', async () => {
	const { forecast } = await client.callTool('forecast', { city: 'Oslo' });
	assert.equal((forecast as unknown[]).length, 3);
	assert.deepEqual((forecast as unknown[])[0], { day: 1, low: 3, high: 11 });
});

test('says which city it does not know', async () => {
	await assert.rejects(client.callTool('forecast', { city: 'Atlantis' }), {
		code: 'city_unknown',
		message: /Atlantis/,
	});
});

test('refuses arguments that do not fit, before the handler runs', async () => {
	await assert.rejects(client.callTool('forecast', { city: 'Oslo', days: 90 }), {
		code: 'invalid_arguments',
	});
});

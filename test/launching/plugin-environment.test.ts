import { describe, expect, it } from 'vitest';
import { pluginEnvironment } from '../../src/runtime/launching/plugin-environment.ts';

const host = {
	PATH: '/bin',
	LC_TIME: 'de',
	GITHUB_TOKEN: 'secret',
	ORCHESTRA_CARRIER: 'quic',
	UNSET: undefined,
};

describe("a plugin's environment", () => {
	it("has the harmless part of the host's, and what it was given", () => {
		expect(pluginEnvironment({ env: { KEY: 'k', PATH: '/opt/bin' } }, host)).toEqual({
			PATH: '/opt/bin',
			LC_TIME: 'de',
			KEY: 'k',
			ORCHESTRA_PARENT_WATCH: 'stdin',
		});
	});

	it("has all of the host's only where that was asked for", () => {
		expect(pluginEnvironment({ inheritEnv: true }, host)).toMatchObject({ GITHUB_TOKEN: 'secret' });
	});

	it('says which carrier to listen on, whatever else says so', () => {
		const environment = pluginEnvironment(
			{ carrier: 'tcp', inheritEnv: true, env: { ORCHESTRA_CARRIER: 'x' } },
			host,
		);
		expect(environment.ORCHESTRA_CARRIER).toBe('tcp');
	});
});

import { describe, expect, it } from 'vitest';
import { pluginEnvironment } from '../../src/runtime/launching/plugin-environment.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

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

	it('has proxies without credentials, and nothing that would steer its runtime', () => {
		const proxies = { https_proxy: 'http://p:1', HTTP_PROXY: 'http://u:p@p:1', NO_PROXY: 'localhost' };
		expect(pluginEnvironment({}, { ...proxies, NODE_OPTIONS: '--inspect', NODE_ENV: 'test' })).toEqual({
			https_proxy: 'http://p:1',
			NO_PROXY: 'localhost',
			NODE_ENV: 'test',
			ORCHESTRA_PARENT_WATCH: 'stdin',
		});
	});

	it("has all of the host's only where that was asked for", () => {
		expect(pluginEnvironment({ inheritEnv: true }, host)).toMatchObject({ GITHUB_TOKEN: 'secret' });
	});

	it('does not have what the host itself was told about its identity, nor with an identity of its own where certificates are', () => {
		const told = { ...host, ORCHESTRA_IDENTITY: 'stdin', ORCHESTRA_CERTS_DIR: '/certs' };
		const inherited = pluginEnvironment({ inheritEnv: true }, told);
		expect(inherited).not.toHaveProperty('ORCHESTRA_IDENTITY');
		expect(inherited).toMatchObject({ ORCHESTRA_CERTS_DIR: '/certs' });
		const own = pluginEnvironment({ inheritEnv: true, oneTimeIdentity: true }, told);
		expect(own).toMatchObject({ ORCHESTRA_IDENTITY: 'stdin' });
		expect(own).not.toHaveProperty('ORCHESTRA_CERTS_DIR');
	});

	it("has what is named of the host's, besides the harmless part", () => {
		expect(pluginEnvironment({ inheritEnv: ['GITHUB_TOKEN', 'UNSET', 'ABSENT'] }, host)).toEqual({
			PATH: '/bin',
			LC_TIME: 'de',
			GITHUB_TOKEN: 'secret',
			ORCHESTRA_PARENT_WATCH: 'stdin',
		});
		expect(pluginEnvironment({ inheritEnv: [] }, host)).not.toHaveProperty('GITHUB_TOKEN');
	});

	it('says which carrier to listen on, whatever else says so', () => {
		const environment = pluginEnvironment(
			{ carrier: 'tcp', inheritEnv: true, env: { ORCHESTRA_CARRIER: 'x' } },
			host,
		);
		expect(environment.ORCHESTRA_CARRIER).toBe('tcp');
	});
});

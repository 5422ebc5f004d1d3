import { describe, expect, test } from 'vitest';
import { Revocations } from '../../src/runtime/identity/revocations.ts';
import {
	formatIdentityDocument,
	formatRefusal,
	parseIdentityDocument,
} from '../../src/runtime/identity/sources/identity-document.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { HandedIdentity } from '../../src/runtime/plugin/process/handed-identity.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { PluginProcess } from './support/plugin-process.ts';

expectNothingLeftBehind();

const authority = createAuthority();
const hosts = ['orchestrator-to-fixture', 'orchestrator'];
const identity = issueIdentity(authority, 'fixture');
const line = formatIdentityDocument(identity, hosts);

function caught(work: () => unknown): OrchestraError {
	try {
		work();
	} catch (error) {
		return OrchestraError.from(error, 'internal');
	}
	throw new Error('it did not throw');
}

describe('the document', () => {
	test('carries an identity with whom it trusts, and whom not', () => {
		expect(line.indexOf('\n')).toBe(line.length - 1);
		expect(parseIdentityDocument(line, 'fixture')).toEqual({ identity, hosts });
		const revocations = new Revocations([{ name: 'other', at: '2026-01-02T03:04:05.000Z' }]);
		const parsed = parseIdentityDocument(
			formatIdentityDocument({ ...identity, revocations }, hosts),
			'fixture',
		);
		expect(parsed?.identity.revocations?.blocked('other')).toBeDefined();
	});

	test('or a refusal, which is thrown as the host said it', () => {
		const refusal = new OrchestraError('certificate_revoked', 'no', { hint: 'ask' });
		expect(caught(() => parseIdentityDocument(formatRefusal(refusal), 'fixture'))).toMatchObject({
			code: 'certificate_revoked',
			message: 'no',
			hint: 'ask',
		});
	});

	test.each(['', '{}', '[]', '7', 'null', '"x"', '{"identity":7}', '{"later":{}}', '{', '\u0000'])(
		'%j is something else and passed over',
		(text) => {
			expect(parseIdentityDocument(text, 'fixture')).toBeUndefined();
		},
	);

	test.each<[string, object]>([
		['for another name', issueIdentity(authority, 'other')],
		['with another key', { ...identity, privateKeyPem: issueIdentity(authority, 'x').privateKeyPem }],
		['without a certificate', { ...identity, certificatePem: '' }],
		['without authorities', { ...identity, caPem: '' }],
		['with a damaged key', { ...identity, privateKeyPem: identity.privateKeyPem.replace('BEGIN', 'BEGUN') }],
	])('%s is refused, and nothing of it is in the message', (_what, damaged) => {
		const error = caught(() =>
			parseIdentityDocument(formatIdentityDocument(damaged as typeof identity, hosts), 'fixture'),
		);
		expect(error.code).toBe('certificate_invalid');
		const secret = identity.privateKeyPem.split('\n')[1] ?? 'none';
		expect(JSON.stringify([error.message, error.hint, error.details, String(error.cause)])).not.toContain(
			secret,
		);
	});
});

describe('the first identity', () => {
	test('is waited for; later ones replace it, broken ones do not', async () => {
		const problems: OrchestraError[] = [];
		const handed = new HandedIdentity('fixture', (error) => problems.push(error));
		const source = await handed.first(() => {
			handed.line('hello');
			handed.line(line);
		});
		expect(source.current).toEqual(identity);
		expect(handed.hosts).toEqual(hosts);
		handed.line(formatIdentityDocument(issueIdentity(authority, 'other'), hosts));
		expect(problems.map(({ code }) => code)).toEqual(['certificate_invalid']);
		expect(source.current).toEqual(identity);
		const renewed = issueIdentity(authority, 'fixture');
		handed.line(formatIdentityDocument(renewed, hosts));
		expect(source.current).toEqual(renewed);
		handed.gone();
		expect(source.current).toEqual(renewed);
	});

	test('never comes from a host that refuses, or that has gone', async () => {
		const refused = new HandedIdentity('fixture', () => {});
		const refusal = formatRefusal(new OrchestraError('identity_mismatch', 'you are not expected'));
		await expect(refused.first(() => refused.line(refusal))).rejects.toMatchObject({
			code: 'identity_mismatch',
		});
		const orphan = new HandedIdentity('fixture', () => {});
		await expect(orphan.first(() => orphan.gone())).rejects.toMatchObject({ code: 'connection_lost' });
	});
});

describe.each(['node', 'deno'] as const)('a process on %s', (runtime) => {
	const env = { ORCHESTRA_IDENTITY: 'stdin', ORCHESTRA_PARENT_WATCH: 'stdin', ORCHESTRA_CARRIER: 'tcp' };
	const args = ['--listen-addr=localhost:0'];

	test('asks once, takes an identity that comes in pieces, and ends with its host', async () => {
		await using plugin = new PluginProcess({ env, args, runtime });
		expect(await plugin.says(/^IDENTIFY (\S+)$/m)).toBe('fixture');
		for (let at = 0; at < line.length; at += 500) {
			plugin.child.stdin?.write(line.slice(at, at + 500));
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect((await plugin.address()).carrier).toBe('tcp');
		expect(plugin.stderr.match(/IDENTIFY/g)).toHaveLength(1);
		expect(plugin.stderr + plugin.stdout).not.toContain('PRIVATE KEY');
		plugin.child.stdin?.end();
		expect(await plugin.exit()).toBe(0);
	});

	test('ends where the host has gone before it answered', async () => {
		await using plugin = new PluginProcess({ env, args, runtime });
		await plugin.says(/^IDENTIFY/m);
		plugin.child.stdin?.end();
		expect(await plugin.exit()).toBe(4);
		expect(plugin.stderr).toContain('the host ended before it gave fixture an identity');
	});
});

test('another way of handing it over is said to be unknown', async () => {
	await using plugin = new PluginProcess({
		env: { ORCHESTRA_IDENTITY: 'telepathy' },
		args: ['--listen-addr=localhost:0'],
	});
	expect(await plugin.exit()).toBe(2);
	expect(plugin.stderr).toContain('telepathy');
});

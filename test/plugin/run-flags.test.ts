import { describe, expect, test } from 'vitest';
import { misspeltFlags } from '../../src/runtime/plugin/process/misspelt-flags.ts';
import { contractFlags, parseRunFlags } from '../../src/runtime/plugin/process/run-flags.ts';
import { workspaceFolder } from '../../src/runtime/plugin/process/workspace.ts';

describe('the flags of a plugin’s process', () => {
	test.each([
		[
			['--listen-addr=a:1', '--certs-dir=/c', '--orchestrator-addr=b:2'],
			{ listenAddr: 'a:1', certsDir: '/c', orchestratorAddr: 'b:2' },
		],
		[['-listen-addr=a:1'], { listenAddr: 'a:1' }],
		[['-listen-addr', 'a:1'], { listenAddr: 'a:1' }],
		[['--listen-addr', 'a:1', '--certs-dir', '-odd'], { listenAddr: 'a:1', certsDir: '-odd' }],
		[['--certs-dir=/a=b'], { certsDir: '/a=b' }],
		[['--orchestrator-addr='], { orchestratorAddr: '' }],
		[['--manifest'], { manifest: true }],
		[['-manifest=true'], { manifest: true }],
		[['--manifest=0', '--manifest=F'], {}],
		[['-h'], { help: true }],
		[['--help'], { help: true }],
		[['--listen-addr=a:1', '--', '--whatever'], { listenAddr: 'a:1' }],
		[['positional', '-', '--manifest'], { manifest: true }],
		[
			['--workspace=.', '--port', '7', '---x', '--=x', '-v', '--listen-addr=a:1', '--last'],
			{ listenAddr: 'a:1', others: ['workspace', 'port', 'v', 'last'] },
		],
	])('%j', (argv, expected) => {
		expect(parseRunFlags(argv)).toEqual({ manifest: false, help: false, any: true, ...expected });
	});

	test('none at all', () => {
		expect(parseRunFlags([])).toEqual({ manifest: false, help: false, any: false });
		expect(parseRunFlags(['words'])).toEqual({ manifest: false, help: false, any: false });
		expect(parseRunFlags(['--its-own=1'])).toEqual({
			manifest: false,
			help: false,
			any: false,
			others: ['its-own'],
		});
	});

	test.each([[['--manifest=maybe']], [['--listen-addr']]])('%j is wrong', (argv) => {
		expect(() => parseRunFlags(argv)).toThrow(expect.objectContaining({ code: 'usage' }));
	});
});

test('a flag of its own that is nearly one of the contract is told', () => {
	expect(misspeltFlags(['listen-adr', 'certs_dir', 'workspace', 'port', 'manifests'], contractFlags)).toEqual(
		[
			{ given: 'listen-adr', meant: 'listen-addr' },
			{ given: 'certs_dir', meant: 'certs-dir' },
			{ given: 'manifests', meant: 'manifest' },
		],
	);
});

test.each([
	[['--workspace=/w', '--listen-addr=a:1'], '/w'],
	[['-workspace', '/w'], '/w'],
	[['--workspace=/a', '--workspace=/b=c'], '/b=c'],
	[['--workspace='], undefined],
	[['--listen-addr=a:1', '--', '--workspace=/w'], undefined],
	[['--workspaces=/w'], undefined],
])('the workspace of %j is %s', (argv, folder) => {
	expect(workspaceFolder(argv)).toBe(folder);
});

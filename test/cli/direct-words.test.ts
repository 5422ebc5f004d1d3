import { Parser } from '@oclif/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directFlags, readDirectWords } from '../../src/cli/direct-words.ts';
import Call from '../../src/commands/call.ts';

/** The words as the command framework reads them; undefined where it finds a fault. */
async function byFramework(argv: readonly string[]): Promise<unknown> {
	try {
		const { args, baseFlags, strict } = Call;
		const flags = {
			...baseFlags,
			...Call.flags,
			json: { type: 'boolean', parse: async (on: boolean) => on },
		};
		const parsed = await Parser.parse([...argv], { args, flags, strict } as never);
		const given = parsed.flags as Record<string, unknown>;
		const kept = Object.keys(directFlags).filter((name) => given[name] !== undefined);
		return {
			target: parsed.args.target,
			tool: parsed.args.tool,
			words: parsed.raw.flatMap(({ type, input }) => (type === 'arg' ? [input] : [])).slice(2),
			flags: {
				...Object.fromEntries(kept.map((name) => [name, given[name]])),
				json: given.json ?? false,
				verbose: given.verbose ?? false,
			},
		};
	} catch {
		return undefined;
	}
}

const plainWord = fc.constantFrom(
	...['tcp://127.0.0.1:1', '.', 'examples/weather', 'forecast', 'city=Oslo', 'days:=3', 'note=@file'],
	...['a=-1', 'with space', 'é', '5s', '{}', '@all', 'key=a=b'],
);
const oddWord = fc.constantFrom(
	...['-', '--', '-v', '-h', '--help', '--tui', '--spawn', '--jsn', '--json=1', '--no-json', '--timeout'],
	...['--timeout=5', '--timeout=5x', '--verbose', '--json', '--allow-unknown', '--carrier=tcp', '', '-x=1'],
	...[
		'--plugin=',
		'--plugin',
		'--config',
		'--config=a=b',
		'--input=-',
		'--provider=x',
		'--=',
		'--__proto__',
		'--env',
	],
);

describe('words that are read without the command framework', () => {
	test('are what the framework reads, or are left to it', async () => {
		let direct = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.oneof({ weight: 3, arbitrary: plainWord }, oddWord), { maxLength: 9 }),
				async (argv) => {
					const read = readDirectWords(argv);
					if (!read) return;
					direct++;
					expect(read).toEqual(await byFramework(argv));
				},
			),
			{ numRuns: 3000 },
		);
		expect(direct).toBeGreaterThan(100);
	});

	test.each([
		[['tcp://h:1', 'tool'], {}],
		[['tcp://h:1', 'tool', 'a=b', '--json', '--verbose'], { json: true, verbose: true }],
		[['--timeout', '5s', 'tcp://h:1', 'tool', '--plugin=p'], { timeout: '5s', plugin: 'p' }],
		[['.', 'tool', '--config', 'a=b', '--config=c=d'], { config: ['a=b', 'c=d'] }],
	])('plain ones are taken: %j', (argv, flags) => {
		expect(readDirectWords(argv)?.flags).toEqual({ json: false, verbose: false, ...flags });
	});

	test.each([
		['a target alone', ['.']],
		['help', ['.', 'tool', '--help']],
		['a flag that is not known', ['.', 'tool', '--jsn']],
		['a flag that comes twice', ['.', 'tool', '--plugin=a', '--plugin=b']],
		['a flag without its value', ['.', 'tool', '--plugin']],
		['a time that is none', ['.', 'tool', '--timeout=soon']],
		['words after --', ['.', 'tool', '--', '--json']],
		['the terminal interface', ['.', 'tool', '--tui']],
		['a name that every object has', ['.', 'tool', '--constructor', 'x']],
	])('%s is left to the framework', (_, argv) => {
		expect(readDirectWords(argv)).toBeUndefined();
	});

	test('each of its flags is one of call, of the same kind', () => {
		const all: Record<string, { type: string; multiple?: boolean }> = {
			...Call.flags,
			json: { type: 'boolean' },
		};
		for (const [name, kind] of Object.entries(directFlags)) {
			const { type, multiple = false } = all[name] ?? {};
			expect([name, type, multiple]).toEqual([
				name,
				kind === 'switch' ? 'boolean' : 'option',
				kind === 'texts',
			]);
		}
	});
});

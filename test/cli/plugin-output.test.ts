import { afterEach, expect, test, vi } from 'vitest';
import { PluginOutput } from '../../src/cli/plugin-output.ts';

afterEach(() => vi.restoreAllMocks());

/** What is written to stderr of a line of each level, and of one that a process prints. */
function shown(options: { json: boolean; verbose: boolean }): string {
	let text = '';
	vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
		text += piece;
		return true;
	});
	const output = new PluginOutput(options);
	for (const level of ['debug', 'info', 'warn', 'error'] as const)
		output.log({ level, plugin: 'weather', message: `a ${level}` });
	output.line('weather', 'printed');
	return text;
}

test('a person sees what plugins log, but for what is for their authors', () => {
	const text = shown({ json: false, verbose: false });
	for (const word of ['a info', 'a warn', 'a error', 'printed']) expect(text).toContain(word);
	expect(text).not.toContain('a debug');
});

test('with --json stderr is left to the error document', () => {
	expect(shown({ json: true, verbose: false })).toBe('');
});

test('with --verbose everything is shown, with --json too', () => {
	for (const json of [true, false])
		for (const word of ['a debug', 'a error', 'printed'])
			expect(shown({ json, verbose: true })).toContain(word);
});

import { expect, test } from 'vitest';
import { mcpToken } from '../../src/cli/mcp-flags.ts';

const tokenOf = (token?: string) => mcpToken({ ORCHESTRA_MCP_TOKEN: token });

test('a token has 16 characters or more, and no spaces', () => {
	expect(tokenOf('0123456789abcdef')).toBe('0123456789abcdef');
	for (const token of ['0123456789abcde', '0123456789 abcdef'])
		expect(() => tokenOf(token)).toThrow('too short for a token, or has spaces');
});

test('without one there is none', () => {
	expect([tokenOf(), tokenOf('')]).toEqual([undefined, undefined]);
});

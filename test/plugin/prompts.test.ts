import { describe, expect, test } from 'vitest';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { answer, serve } from './support/serve.ts';

const review = {
	description: 'Reviews code.',
	arguments: [
		{ name: 'code', description: 'The code', required: true },
		{ name: 'tone', description: 'How' },
	],
} as const;

describe('prompts', () => {
	test('are listed with their arguments', async () => {
		const { client } = serve(createPlugin('p').registerPrompt('review', review, ({ code }) => code));
		expect(await client.listPrompts()).toEqual([
			{
				name: 'review',
				description: 'Reviews code.',
				arguments: [
					{ name: 'code', description: 'The code', required: true },
					{ name: 'tone', description: 'How', required: false },
				],
			},
		]);
	});

	test('are filled in: a text, messages, or messages with a description', async () => {
		const { client } = serve(
			createPlugin('p')
				.registerPrompt('text', review, ({ code, tone = 'kind' }) => `${code} ${tone}`)
				.registerPrompt('list', review, async () => [
					{ role: 'user', content: 'a' },
					{ role: 'assistant', content: { type: 'resource', text: 'b' } },
				])
				.registerPrompt('full', review, () => ({
					description: 'Special.',
					messages: [{ role: 'user', content: 'c' }],
				})),
		);
		expect(await client.getPrompt('text', { code: 'x' })).toEqual({
			description: 'Reviews code.',
			messages: [{ role: 'user', content: { type: 'text', text: 'x kind' } }],
		});
		expect((await client.getPrompt('list', { code: 'x' })).messages).toEqual([
			{ role: 'user', content: { type: 'text', text: 'a' } },
			{ role: 'assistant', content: { type: 'resource', text: 'b' } },
		]);
		expect((await client.getPrompt('full', { code: 'x' })).description).toBe('Special.');
	});

	test('a missing one is an error, and a description for core peers', async () => {
		const served = serve(createPlugin('p').registerPrompt('review', review, () => ''));
		expect(await answer(served, { promptGet: { promptName: 'ghost' } })).toEqual({
			promptGet: { description: 'prompt "ghost" not found in plugin p' },
			error: {
				code: 'prompt_not_found',
				message: 'prompt "ghost" not found in plugin p',
				hint: 'It has review.',
			},
		});
	});

	test('need their required arguments', async () => {
		const { client } = serve(createPlugin('p').registerPrompt('review', review, ({ code }) => code));
		await expect(client.getPrompt('review', { tone: 'x' })).rejects.toMatchObject({
			code: 'invalid_arguments',
			details: { faults: [{ pointer: '/code', message: 'is required' }] },
		});
	});

	test('may have an argument of any name', async () => {
		const { client } = serve(
			createPlugin('p').registerPrompt(
				'odd',
				{ description: '', arguments: [{ name: 'constructor', required: true }] },
				(args) => args.constructor,
			),
		);
		await expect(client.getPrompt('odd', {})).rejects.toMatchObject({ code: 'invalid_arguments' });
		expect((await client.getPrompt('odd', { constructor: 'x' })).messages[0]?.content.text).toBe('x');
	});

	test.each([
		['an error', new Error('broken'), 'handler_error'],
		['a ToolError', new ToolError('no_mood', 'not today'), 'no_mood'],
	])('whose handler throws %s', async (_, error, code) => {
		const { client } = serve(
			createPlugin('p').registerPrompt('t', { description: '' }, () => {
				throw error;
			}),
		);
		await expect(client.getPrompt('t')).rejects.toMatchObject({ code, message: error.message });
	});

	test.each([[1], [null], [{ messages: 'x' }], [[{ role: 'user' }]], [[null]]])(
		'whose handler returns %j',
		async (value) => {
			const { client } = serve(
				createPlugin('p').registerPrompt('t', { description: '' }, () => value as never),
			);
			await expect(client.getPrompt('t')).rejects.toMatchObject({ code: 'invalid_result' });
		},
	);
});

import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import type { PluginBuilder } from '../../src/runtime/plugin/definition/plugin-builder.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

const any = { description: 'anything' };

describe('types', () => {
	test('of arguments come from the schema’s output', () => {
		const input = z.object({
			city: z.string(),
			days: z.number().default(3),
			when: z.string().transform(Number),
		});
		createPlugin('p')
			.registerTool('a', { ...any, input, inputSchema: {} }, (args) => {
				expectTypeOf(args).toEqualTypeOf<{ city: string; days: number; when: number }>();
			})
			.registerStreamingTool('b', { ...any, input, inputSchema: {} }, async function* (args, ctx) {
				expectTypeOf(args.days).toBeNumber();
				expectTypeOf(ctx.deadline).toEqualTypeOf<number | undefined>();
				yield 1;
			});
	});

	test('of arguments of a JSON Schema are loose, or what the author says', () => {
		createPlugin('p')
			.registerTool('a', { ...any, input: { type: 'object' } }, (args) => {
				expectTypeOf(args).toEqualTypeOf<JsonObject>();
			})
			.registerTool('b', any, (args) => {
				expectTypeOf(args).toEqualTypeOf<JsonObject>();
			})
			.registerTool<{ n: number }>('c', { ...any, input: { type: 'object' } as const }, (args) => {
				expectTypeOf(args).toEqualTypeOf<{ n: number }>();
			});
	});

	test('of prompt arguments come from what is declared', () => {
		createPlugin('p').registerPrompt(
			'a',
			{ ...any, arguments: [{ name: 'code', required: true }, { name: 'tone' }] },
			(args) => {
				expectTypeOf(args.code).toEqualTypeOf<string>();
				expectTypeOf(args.tone).toEqualTypeOf<string | undefined>();
				// @ts-expect-error: there is no such argument
				args.other;
				return '';
			},
		);
	});

	test('of wrong uses are refused', () => {
		const builder = createPlugin('p');
		// @ts-expect-error: a streaming tool has to return a stream
		builder.registerStreamingTool('a', any, () => 'text');
		// @ts-expect-error: a description is needed
		builder.registerTool('b', {}, () => 1);
		expectTypeOf(builder.version('1')).toEqualTypeOf<PluginBuilder>();
		expectTypeOf(builder.build()).toEqualTypeOf<Plugin>();
	});
});

// Ours, on Node and on Deno: a plugin as its author would write it, run by the process contract.
import { z } from 'zod';
import { createPlugin, runIfMain } from '../../dist/runtime/index.js';
import { chunkOf, echo, pluginId } from '../workload.mjs';

export const plugin = createPlugin(pluginId)
	.version('1.0.0')
	.registerTool(
		'echo',
		{
			description: 'Gives back what it got.',
			input: z.object({ text: z.string(), count: z.number().int() }),
		},
		echo,
	)
	.registerStreamingTool(
		'count',
		{
			description: 'Sends chunks.',
			input: z.object({ chunks: z.number().int().positive(), bytes: z.number().int().positive() }),
		},
		async function* ({ chunks, bytes }) {
			const chunk = chunkOf(bytes);
			for (let i = 0; i < chunks; i++) yield chunk;
		},
	)
	.registerTool(
		'collect',
		{ description: 'Collects garbage and says how much memory is left.' },
		async ({ restMs }) => {
			const { collectedMemory } = await import('../collected-memory.mjs');
			return { bytes: await collectedMemory(Number(restMs)) };
		},
	)
	.build();

runIfMain(plugin, import.meta);

// The echo as an author writes it, for `orchestra serve --mcp`.
import { createPlugin } from 'orchestra-toolchain';
import { z } from 'zod';
import { echo, pluginId } from '../workload.mjs';

export default createPlugin(pluginId)
	.registerTool(
		'echo',
		{
			description: 'Gives back what it got.',
			input: z.object({ text: z.string(), count: z.number().int() }),
		},
		echo,
	)
	.build();

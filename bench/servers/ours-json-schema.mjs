// Ours with a JSON Schema, for starts.
import { createPlugin, runIfMain } from '../../dist/runtime/index.js';
import { echo, pluginId } from '../workload.mjs';

const plugin = createPlugin(pluginId)
	.version('1.0.0')
	.registerTool(
		'echo',
		{
			description: 'Gives back what it got.',
			input: {
				type: 'object',
				properties: { text: { type: 'string' }, count: { type: 'integer' } },
				required: ['text', 'count'],
			},
		},
		// The schema has checked it.
		(args) => echo(/** @type {import('../workload.mjs').Echo} */ (/** @type {unknown} */ (args))),
	)
	.build();

runIfMain(plugin, import.meta);

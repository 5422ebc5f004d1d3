import { createPlugin, type JsonObject } from 'orchestra-toolchain';
import { z } from 'zod';

/** Calls the tools of the Go plugin. */
export default createPlugin('asks-go')
	.needsTools('echo', 'kinds', 'count', 'app_error')
	.registerTool(
		'ask_go',
		{ description: 'Asks the Go plugin.', input: z.object({ n: z.number() }) },
		async ({ n }, ctx) => {
			const echoed = await ctx.callTool('echo', { n, list: [1, null, 'x'] });
			const { caller } = await ctx.callTool('kinds', {});
			let counted = '';
			for await (const chunk of ctx.streamTool('count', { to: 3 })) {
				counted += new TextDecoder().decode(chunk.data);
			}
			const failed = await ctx.callTool('app_error', {}).then(
				() => ({}),
				({ code, message }) => ({ code, message }),
			);
			return { echoed, caller, counted, failed } as JsonObject;
		},
	)
	.build();

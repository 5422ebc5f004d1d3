// A plugin of ours for a Go host: it streams, and calls its host back. It runs from the built package, as an author's would.
import { fileURLToPath } from 'node:url';
import { createPlugin, ToolError } from 'orchestra-toolchain';
import { serveGoPlugin } from 'orchestra-toolchain/go-plugin';

const counts = new Map();
let left = 0;

const plugin = createPlugin('talk-for-go')
	.registerTool('Counter.Get', { description: 'Reads.' }, ({ key }) => ({ value: counts.get(key) ?? 0 }))
	.registerTool('Counter.Put', { description: 'Adds.' }, async ({ key, value }, ctx) => {
		const sum = await ctx.callTool('AddHelper.Sum', {
			a: Number(counts.get(key) ?? 0) + Number(value),
			b: 0,
		});
		counts.set(key, sum.r);
		return {};
	})
	.registerStreamingTool('Talk.Sum', { description: 'Adds.' }, async function* ({ n = 0 }, ctx) {
		let sum = n;
		for await (const next of ctx.input) sum += next.n;
		yield { sum };
	})
	.registerStreamingTool('Talk.Chat', { description: 'Says it again.' }, async function* ({ n }, ctx) {
		try {
			yield { said: n };
			for await (const next of ctx.input) yield { said: next.n };
		} finally {
			if (ctx.signal.aborted) left++;
		}
	})
	.registerStreamingTool('Talk.Count', { description: 'Counts.' }, async function* ({ n }) {
		for (let i = 0; i <= n; i++) yield { i };
	})
	// biome-ignore lint/correctness/useYield: it fails before
	.registerStreamingTool('Talk.Refuse', { description: 'Fails.' }, async function* () {
		throw new ToolError('failed_precondition', 'not today');
	})
	.registerTool('Talk.Left', { description: 'How many were left.' }, () => ({ left }))
	.build();

await serveGoPlugin(plugin, {
	cookie: { key: 'BASIC_PLUGIN', value: 'hello' },
	proto: fileURLToPath(new URL('talk.proto', import.meta.url)),
	services: ['proto.Counter', 'talk.v1.Talk'],
	callbacks: [{ field: 'add_server', service: 'proto.AddHelper' }],
});

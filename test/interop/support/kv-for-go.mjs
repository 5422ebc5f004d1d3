// A plugin of ours for a Go host. It runs from the built package, as an author's would.
import { fileURLToPath } from 'node:url';
import { createPlugin, ToolError } from 'orchestra-toolchain';
import { serveGoPlugin } from 'orchestra-toolchain/go-plugin';

const entries = new Map();

const plugin = createPlugin('kv-for-go')
	.registerTool('KV.Get', { description: 'Reads.' }, ({ key }, ctx) => {
		ctx.log.info('read', { key });
		if (!entries.has(key)) throw new ToolError('not_found', `there is no ${key}`);
		return { value: entries.get(key) };
	})
	.registerTool('KV.Put', { description: 'Writes.' }, ({ key, value }) => {
		console.log(`put ${key}`);
		console.error('x'.repeat(5000));
		entries.set(key, value);
		return {};
	})
	.lifecycle({ onShutdown: () => console.log('shut down') })
	.build();

await serveGoPlugin(plugin, {
	cookie: { key: 'BASIC_PLUGIN', value: 'hello' },
	versions: (process.env.KV_VERSIONS ?? '1').split(',').map(Number),
	proto: fileURLToPath(new URL('kv.proto', import.meta.url)),
	services: ['proto.KV'],
});

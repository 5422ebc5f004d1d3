import { PluginBuilder } from './plugin-builder.ts';

/**
 * Begins a plugin.
 *
 * @param id unique among the plugins of a host; it names the plugin's certificate: 1 to 64 letters, digits, `.`, `_` or `-`
 * @throws OrchestraError `invalid_plugin`
 *
 * @example
 * import { createPlugin } from 'orchestra-toolchain';
 * import { z } from 'zod';
 *
 * export default createPlugin('weather')
 * 	.version('1.0.0')
 * 	.registerTool('forecast', { description: 'The forecast.', input: z.object({ city: z.string() }) }, ({ city }) => ({
 * 		city,
 * 		sky: 'clear',
 * 	}))
 * 	.build();
 */
export function createPlugin(id: string): PluginBuilder {
	return new PluginBuilder(id);
}

import { PluginBuilder } from './plugin-builder.ts';

/**
 * Begins a plugin.
 *
 * @example
 * export default createPlugin('weather')
 * 	.version('1.0.0')
 * 	.registerTool('forecast', { description: 'The forecast.', input: z.object({ city: z.string() }) }, ({ city }) => …)
 * 	.build();
 *
 * @param id unique among the plugins of a host; it names the plugin's certificate: 1 to 64 letters, digits, `.`, `_` or `-`
 * @throws OrchestraError `invalid_plugin`
 */
export function createPlugin(id: string): PluginBuilder {
	return new PluginBuilder(id);
}

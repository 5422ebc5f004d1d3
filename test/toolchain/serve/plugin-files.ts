import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../support/run-cli.ts';
import { writeFiles } from '../write-files.ts';

/** What a plugin of a test is. */
export interface PluginFile {
	readonly id: string;
	/** Tools that answer with the plugin's id. */
	readonly tools?: readonly string[];
	/** Calls of the builder, such as `.providesAi('x')`. */
	readonly more?: string;
}

/** The lines of a module with a plugin: its tools, and one, `<id>.about`, that tells what it was started with. */
function pluginText({ id, tools = [], more = '' }: PluginFile, runtime: string): string {
	return `import { createPlugin, runIfMain } from ${JSON.stringify(runtime)};
let booted = {};
const plugin = createPlugin(${JSON.stringify(id)})
	.lifecycle({ onBoot(config) { booted = { ...config }; } })
	.registerTool(${JSON.stringify(`${id}.about`)}, { description: 'Tells what it was started with.' }, () => ({
		pid: process.pid,
		cwd: process.cwd(),
		args: process.argv.slice(2),
		env: { ...process.env },
		booted,
	}))
${tools.map((tool) => `	.registerTool(${JSON.stringify(tool)}, { description: 'Answers.' }, () => ${JSON.stringify(id)})`).join('\n')}
	${more}
	.build();
export default plugin;
runIfMain(plugin, import.meta);
`;
}

/** Writes a module with a plugin. */
export function writeModule(folder: string, name: string, plugin: PluginFile): void {
	writeFiles(folder, { [name]: pluginText(plugin, 'orchestra-toolchain') });
}

/** Writes an executable that is a plugin. */
export function writeExecutable(folder: string, name: string, plugin: PluginFile): void {
	const runtime = pathToFileURL(join(projectRoot, 'dist/runtime/index.js')).href;
	writeFiles(folder, { [name]: `#!/usr/bin/env node\n${pluginText(plugin, runtime)}` });
	chmodSync(join(folder, name), 0o755);
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const reexport = /^export \{ default as (\w+) \} from "\.\/([\w-]+)\.js";$/;

/**
 * Leaves zod's messages in sixty languages outside until one is asked for. Its `z` holds them all, so that whoever imports it would read
 * them at every start: half of a compiled plugin. A zod that is written otherwise is taken as it is.
 */
export const zodLocalesOutside: Plugin = {
	name: 'zod-locales-outside',
	setup(build) {
		build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, async ({ path }) => {
			const folder = dirname(path);
			const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
			const locales: string[] = [];
			for (const line of lines) {
				const [, name, file = ''] = reexport.exec(line) ?? [];
				if (name === undefined || !existsSync(join(folder, `${file}.cjs`))) return undefined;
				locales.push(`export const ${name} = () => made(load('./${file}.cjs'));`);
			}
			const load = `import { createRequire } from 'node:module';\nconst load = createRequire(${JSON.stringify(path)});\nconst made = (locale) => (locale.default ?? locale)();`;
			return { contents: [load, ...locales, ''].join('\n'), loader: 'js' };
		});
	},
};

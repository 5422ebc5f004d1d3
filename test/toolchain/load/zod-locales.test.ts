import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { compileModule } from '../../../src/toolchain/load/compile-module.ts';
import { projectRoot } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folder = scratchFolder('zod-locales');

it("keeps zod's languages out of a compiled module, and has them where they are asked for", async () => {
	symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
	writeFileSync(
		join(folder, 'plugin.ts'),
		`import { z } from 'zod';
export default (language: 'de' | 'zhCN'): string => {
	z.config(z.locales[language]());
	return z.string().safeParse(1).error?.issues[0]?.message ?? '';
};
`,
	);
	const file = await compileModule(join(folder, 'plugin.ts'));
	const { default: messageIn } = await import(/* @vite-ignore */ pathToFileURL(file).href);
	expect(messageIn('de')).toMatch(/Ungültige Eingabe/);
	expect(messageIn('zhCN')).toMatch(/无效输入/);
	expect(statSync(file).size).toBeLessThan(600_000);
});

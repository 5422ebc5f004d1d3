import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './run-cli.ts';

/** Gives a made plugin the packages of this checkout, and the checkout itself, as npm would link it. */
export function linkCheckout(dir: string): void {
	mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
	for (const name of ['zod', '@types/node'])
		symlinkSync(join(projectRoot, 'node_modules', name), join(dir, 'node_modules', name));
	symlinkSync(projectRoot, join(dir, 'node_modules/orchestra-toolchain'));
}

import { fileURLToPath } from 'node:url';
import { bundleProgram } from '../support/bundle-program.ts';

const fixtureUrl = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

/** The file of a fixture. Deno runs it as it is. */
export function fixtureFile(name: string): string {
	return fileURLToPath(fixtureUrl(name));
}

/** Makes one file of a fixture, for Node. Returns its path. */
export function bundle(name: string, folder: string): Promise<string> {
	return bundleProgram(fixtureUrl(name), folder);
}

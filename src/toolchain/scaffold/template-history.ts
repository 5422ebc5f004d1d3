import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolchainRoot } from '../installation.ts';

const templatesFolder = join(toolchainRoot, 'templates');

/** Folder of the texts that older versions of the templates had: `was/VERSION/PART/NAME.txt`, as they were before the next version. */
const historyFolder = join(templatesFolder, 'was');

let current: number | undefined;

/** The version of the templates that new plugins are made from: one more than the last whose texts are kept. */
export function templateVersion(): number {
	current ??= Math.max(...readdirSync(historyFolder).map(Number)) + 1;
	return current;
}

/**
 * The files of a part of the templates, such as `tool` or `node`, as they were at a version: their texts by name.
 *
 * @param version from 1 to {@link templateVersion}
 */
export function templatePart(part: string, version: number): Map<string, string> {
	const texts = new Map<string, string>();
	for (const name of namesIn(join(templatesFolder, part))) {
		texts.set(name, readFileSync(join(templatesFolder, part, name), 'utf8'));
	}
	// The newest is first: each version says what was different in it.
	for (let older = templateVersion() - 1; older >= version; older--) {
		const folder = join(historyFolder, String(older), part);
		for (const kept of namesIn(folder)) {
			if (kept.endsWith('.absent')) texts.delete(kept.slice(0, -'.absent'.length));
			else texts.set(kept.slice(0, -'.txt'.length), readFileSync(join(folder, kept), 'utf8'));
		}
	}
	return texts;
}

function namesIn(folder: string): string[] {
	return existsSync(folder) ? readdirSync(folder) : [];
}

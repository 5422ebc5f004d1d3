import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files below a folder and returns the folder. */
export function writeFiles(dir: string, files: Record<string, string | Buffer>): string {
	for (const [name, text] of Object.entries(files)) {
		const path = join(dir, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	}
	return dir;
}

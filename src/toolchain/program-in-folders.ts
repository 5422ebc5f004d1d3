import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folders in which programs are looked for by their names. */
export function pathFolders(): string[] {
	return (process.env.PATH ?? '').split(delimiter);
}

/** A program of that name in the first of some folders that has it; undefined where none has. */
export function programInFolders(name: string, folders: readonly string[]): string | undefined {
	const file = process.platform === 'win32' ? `${name}.exe` : name;
	return folders
		.filter((folder) => folder !== '')
		.map((folder) => join(folder, file))
		.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

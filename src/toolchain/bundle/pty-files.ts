import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPty, ptyFileName, ptyHelperFileName } from '../../runtime/exec/terminal/native-pty.ts';
import { toolchainRoot } from '../installation.ts';
import type { OutputFile } from './publish-files.ts';

/**
 * Files that a bundle that gives terminals needs beside it on this platform; none where none of its sources does, or where this
 * installation has no terminals. That it gives them stands in no manifest: its sources are asked for the call that registers them.
 *
 * @param inputs the files that the bundle is made of
 */
export function ptyFiles(inputs: readonly string[]): OutputFile[] {
	const own = join(toolchainRoot, 'dist');
	const gives = inputs.some(
		(path) =>
			/\.[cm]?[jt]sx?$/.test(path) &&
			!path.includes('/node_modules/') &&
			!path.startsWith(own) &&
			// Some have no file: they are made by the bundler.
			existsSync(path) &&
			readFileSync(path, 'utf8').includes('registerExec'),
	);
	if (!gives) return [];
	try {
		const { binding, helper } = findPty();
		const files: OutputFile[] = [{ name: ptyFileName, content: readFileSync(binding) }];
		if (helper) files.push({ name: ptyHelperFileName, content: readFileSync(helper), executable: true });
		return files;
	} catch {
		return []; // An optional dependency that is not installed.
	}
}

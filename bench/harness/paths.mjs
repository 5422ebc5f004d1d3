import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchRoot = fileURLToPath(new URL('..', import.meta.url));
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The Go side, built from bench/go. */
export const goPeer = join(benchRoot, 'dist/peer');

/** What launches our plugins, built from src/: the package does not export it. */
export const launcherFile = join(benchRoot, 'dist/launch-plugin.mjs');

/** @param {string} name */
export const clientFile = (name) => join(benchRoot, 'clients', name);

/** @param {string} name */
export const serverFile = (name) => join(benchRoot, 'servers', name);

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchRoot = fileURLToPath(new URL('..', import.meta.url));
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The Go side, built from bench/go. */
export const goPeer = join(benchRoot, 'dist/peer');

/** @param {string} name */
export const clientFile = (name) => join(benchRoot, 'clients', name);

/** @param {string} name */
export const serverFile = (name) => join(benchRoot, 'servers', name);

import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../../runtime/platform/is-running.ts';
import { fileFailure } from './file-failure.ts';
import { type PluginStore, prepareStore } from './plugin-store.ts';

/** Folder in which a plugin is fetched and made ready: on the same disk as the installed ones, so that a rename installs it. */
export interface Staging {
	/** Holds the others; goes when the work is done. */
	readonly root: string;
	/** Fetched files. */
	readonly fetched: string;
	/** Folder that becomes the installed one. */
	readonly tree: string;
	/** Folder for tools that want one of their own, such as the home of a program that is asked for its manifest. */
	readonly scratch: string;
}

/** Milliseconds after which a folder of another machine counts as left behind. */
const abandonedMs = 24 * 60 * 60_000;

const prefix = '.staging-';

/**
 * Makes a folder to stage in. What killed processes left behind is removed. The caller removes it; where the process exits before, it
 * goes with it.
 *
 * @throws OrchestraError `registry_unusable`, `no_space`
 */
export function openStaging(store: PluginStore): Staging & { remove(): void } {
	prepareStore(store);
	removeAbandoned(store);
	const host = hostname().replace(/[^\w.]+/g, '_');
	const root = join(store.dir, `${prefix}${process.pid}-${randomBytes(6).toString('hex')}-${host}`);
	const erase = () => rmSync(root, { recursive: true, force: true });
	const staging = {
		root,
		fetched: join(root, 'fetched'),
		tree: join(root, 'tree'),
		scratch: join(root, 'scratch'),
		remove() {
			process.off('exit', erase);
			erase();
		},
	};
	// A signal that ends this process by way of process.exit() finds it too.
	process.once('exit', erase);
	try {
		mkdirSync(root, { mode: 0o700 });
		for (const folder of [staging.fetched, staging.tree, staging.scratch]) mkdirSync(folder, { mode: 0o755 });
		return staging;
	} catch (error) {
		staging.remove();
		throw fileFailure(root, error);
	}
}

function removeAbandoned(store: PluginStore): void {
	const host = hostname().replace(/[^\w.]+/g, '_');
	for (const name of readdirSync(store.dir)) {
		const [, pid = '', madeOn = ''] = /^\.staging-(\d+)-[0-9a-f]+-(.+)$/.exec(name) ?? [];
		if (pid === '') continue;
		const path = join(store.dir, name);
		const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
		const abandoned = madeOn === host ? !isRunning(Number(pid)) : age > abandonedMs;
		if (abandoned) rmSync(path, { recursive: true, force: true });
	}
}

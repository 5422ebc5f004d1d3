import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The program nats-server: `ORCHESTRA_NATS_SERVER`, else the first in PATH that runs; undefined where this machine has none.
 *
 * @returns {string | undefined}
 */
export function natsServerProgram() {
	const { ORCHESTRA_NATS_SERVER, PATH = '' } = process.env;
	if (ORCHESTRA_NATS_SERVER) return ORCHESTRA_NATS_SERVER;
	return PATH.split(delimiter)
		.map((folder) => join(folder, 'nats-server'))
		.find((file) => existsSync(file) && spawnSync(file, ['--version']).status === 0);
}

/**
 * The port of the clients of a server, once it has written down in its `--ports_file_dir` where it listens.
 *
 * @param {string} folder
 * @returns {number | undefined}
 */
export function natsClientPort(folder) {
	const [file] = readdirSync(folder).filter((name) => name.endsWith('.ports'));
	if (file === undefined) return undefined;
	try {
		const address = JSON.parse(readFileSync(join(folder, file), 'utf8')).nats?.[0];
		return address === undefined ? undefined : Number(new URL(address.replace(/^\w+:/, 'http:')).port);
	} catch {
		return undefined; // It is being written.
	}
}

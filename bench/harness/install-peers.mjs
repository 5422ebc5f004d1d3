import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { benchRoot, goPeer } from './paths.mjs';

/** @typedef {import('./peers.mjs').Peer} Peer */

/** Milliseconds for each of npm ci and go build. */
const installMs = 5 * 60_000;

/**
 * Installs what the peers need, where it is not there yet. A peer that cannot be had is left out, by name.
 *
 * @param {Peer[]} peers
 * @param {(line: string) => void} tell
 * @returns {{ installed: Peer[], skipped: string[] }}
 */
export function installPeers(peers, tell) {
	if (peers.some((peer) => peer.packages) && !npmIsFresh()) {
		tell('installing the peers: npm ci in bench/ (once; they are no dependencies of the project)');
		run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], benchRoot, tell);
	}
	const faults = new Map(peers.map((peer) => [peer, faultOf(peer, tell)]));
	return {
		installed: peers.filter((peer) => faults.get(peer) === undefined),
		skipped: peers.flatMap((peer) => {
			const fault = faults.get(peer);
			return fault === undefined ? [] : [`${peer.title} was skipped: ${fault}`];
		}),
	};
}

/** Whether npm has installed what the lockfile says. */
function npmIsFresh() {
	const installed = join(benchRoot, 'node_modules/.package-lock.json');
	return (
		existsSync(installed) &&
		statSync(installed).mtimeMs >= statSync(join(benchRoot, 'package-lock.json')).mtimeMs
	);
}

/**
 * @param {Peer} peer
 * @param {(line: string) => void} tell
 */
function faultOf(peer, tell) {
	const missing = peer.packages?.find(
		(name) => !existsSync(join(benchRoot, 'node_modules', name, 'package.json')),
	);
	if (missing !== undefined) return `npm could not install ${missing}`;
	return peer.runtime === 'go' ? goFault(tell) : undefined;
}

/** @param {(line: string) => void} tell */
function goFault(tell) {
	if (spawnSync('go', ['version'], { timeout: 10_000 }).status !== 0) return 'go is not installed';
	if (!existsSync(goPeer))
		tell('building the Go side: go build in bench/go (the first time downloads its modules)');
	const built = run('go', ['build', '-ldflags=-s', '-o', goPeer, './peer'], join(benchRoot, 'go'), tell);
	return built ? undefined : 'go could not build it';
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @param {(line: string) => void} tell
 */
function run(program, args, cwd, tell) {
	const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
	const ran = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: installMs });
	if (ran.status === 0) return true;
	tell(`${program} ${args[0]} failed: ${(ran.error?.message ?? ran.stderr).trim().slice(-1_000)}`);
	return false;
}

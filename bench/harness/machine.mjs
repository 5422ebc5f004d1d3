import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { denoExecutable } from './deno.mjs';

/**
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGiB
 * @property {string} system
 * @property {Record<string, string>} versions of the runtimes that take part
 * @property {number} loadBefore the load average over a minute before the run; 0 on Windows
 */

/**
 * @param {import('./peers.mjs').Peer[]} peers
 * @returns {Machine}
 */
export function describeMachine(peers) {
	const [first, ...others] = cpus();
	/** @type {Record<string, string>} */
	const versions = { Node: process.versions.node };
	const uses = (/** @type {string} */ runtime) => peers.some((peer) => peer.runtime === runtime);
	if (uses('deno')) versions.Deno = version(denoExecutable(), ['--version'], /deno (\S+)/);
	if (uses('go')) versions.Go = version('go', ['version'], /go(\d\S*)/);
	return {
		cpu: first?.model.trim() ?? 'an unknown CPU',
		cores: others.length + 1,
		memoryGiB: Math.round(totalmem() / 2 ** 30),
		system: `${type()} ${release()}`,
		versions,
		loadBefore: loadavg()[0] ?? 0,
	};
}

/**
 * Why the figures of this run are not to be trusted, if the machine is busy.
 *
 * @param {Machine} machine
 */
export function busyNote({ loadBefore, cores }) {
	if (loadBefore < cores * 0.25) return undefined;
	return `the machine was busy (load average ${loadBefore.toFixed(2)} on ${cores} cores): do not trust these figures`;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {RegExp} pattern
 */
function version(program, args, pattern) {
	const { stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
	return pattern.exec(stdout ?? '')?.[1] ?? '?';
}

// Reads one request that costs a reader much for its bytes, and the same as JSON. `node decode-worst.mjs {which,bytes,rounds}` prints one line
// of JSON: the least milliseconds of either.
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { worstMessage } from './worst-messages.mjs';

/** @type {{ which: string, bytes: number, rounds: number }} */
const { which, bytes, rounds } = JSON.parse(process.argv[2] ?? '{}');

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

// What is built has no name for it that could be imported.
const { outputFiles } = await build({
	entryPoints: [fileURLToPath(new URL('../src/runtime/wire/frame.ts', import.meta.url))],
	bundle: true,
	write: false,
	format: 'esm',
	platform: 'node',
});
/** @type {{ decodeRequest: (payload: Uint8Array) => unknown }} */
const { decodeRequest } = await import(
	`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`
);

const { payload, json } = worstMessage(which, bytes);
const jsonBytes = Buffer.from(json);
let [ours, theirs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let round = 0; round < rounds; round++) {
	ours = Math.min(
		ours,
		millisecondsOf(() => decodeRequest(payload)),
	);
	theirs = Math.min(
		theirs,
		millisecondsOf(() => JSON.parse(jsonBytes.toString())),
	);
}
console.log(JSON.stringify({ oursMs: ours, jsonMs: theirs, ratio: ours / theirs }));

/** @param {() => unknown} read */
function millisecondsOf(read) {
	collect();
	const began = performance.now();
	read();
	return performance.now() - began;
}

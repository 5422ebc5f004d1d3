// `orchestra serve --mcp-http`, with the ready line that the harness waits for.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ready } from './ready.mjs';

const place = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const args = [
	place('../../bin/orchestra.js'),
	'serve',
	place('mcp-plugin.mjs'),
	'--mcp-http',
	'127.0.0.1:0',
	'--json',
];
const child = spawn(process.execPath, [...args, '--listen', 'tcp+plain://127.0.0.1:0'], {
	stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => child.kill());
createInterface({ input: child.stdout }).on('line', (line) => {
	const { event, addresses = [] } = JSON.parse(line);
	if (event !== 'ready') return;
	const url = addresses.find((/** @type {string} */ address) => address.startsWith('http'));
	ready(Number(new URL(url).port));
});

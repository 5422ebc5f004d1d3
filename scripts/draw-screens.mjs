// Draws the pictures of the terminal interface in docs/: `node scripts/draw-screens.mjs`, after a build. It serves the examples, calls
// their tools, opens `orchestra top` on a terminal of 80 columns and 24 rows, presses keys, and writes what stands there as SVG.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const executable = join(root, 'bin/orchestra.js');
const size = { cols: 80, rows: 24 };

/** Pixels of a cell. */
const cell = { width: 8.4, height: 18 };
const margin = 14;

const colours = {
	background: '#16181d',
	foreground: '#d5d8df',
	dim: '#7d8390',
	1: '#f27878',
	2: '#8fca6d',
	3: '#e3be6b',
	5: '#cf92e0',
	6: '#62c3d0',
};

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * A screen as SVG: a rectangle for each run of cells with a background, a text for each run of one style.
 *
 * @param {InstanceType<typeof xterm.Terminal>} terminal
 */
function svgOf(terminal) {
	const { active } = terminal.buffer;
	const parts = [];
	for (let row = 0; row < terminal.rows; row++) {
		const line = active.getLine(row);
		const y = margin + row * cell.height;
		let run;
		const runs = [];
		for (let column = 0; line && column < terminal.cols; column++) {
			const at = line.getCell(column);
			if (!at || at.getWidth() === 0) continue;
			const inverse = Boolean(at.isInverse());
			const own = at.isFgPalette() ? colours[at.getFgColor() % 8] : undefined;
			const plain = own ?? (at.isDim() ? colours.dim : colours.foreground);
			const style = {
				ink: inverse ? colours.background : plain,
				paper: inverse ? plain : '',
				bold: Boolean(at.isBold()),
			};
			const chars = at.getChars() || ' ';
			const same = run && run.ink === style.ink && run.paper === style.paper && run.bold === style.bold;
			if (same) {
				run.text += chars;
				run.columns += at.getWidth();
			} else {
				run = { ...style, text: chars, column, columns: at.getWidth() };
				runs.push(run);
			}
		}
		for (const { ink, paper, bold, text, column, columns } of runs) {
			const x = margin + column * cell.width;
			const width = columns * cell.width;
			if (paper)
				parts.push(
					`<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${cell.height}" fill="${paper}"/>`,
				);
			if (text.trim() === '') continue;
			const weight = bold ? ' font-weight="bold"' : '';
			parts.push(
				`<text x="${x.toFixed(1)}" y="${y + 13}" textLength="${width.toFixed(1)}" fill="${ink}"${weight}>${escaped(text)}</text>`,
			);
		}
	}
	const width = Math.ceil(terminal.cols * cell.width + 2 * margin);
	const height = Math.ceil(terminal.rows * cell.height + 2 * margin);
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
<rect width="${width}" height="${height}" rx="8" fill="${colours.background}"/>
${parts.join('\n')}
</svg>
`;
}

/** @param {() => boolean} condition */
async function until(condition, what) {
	const deadline = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error(`this was never seen: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

const scratch = mkdtempSync(join(tmpdir(), 'orchestra-screens-'));
const env = {
	...process.env,
	TZ: 'UTC',
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};
for (const name of ['CI', 'NO_COLOR', 'FORCE_COLOR']) delete env[name];
const port = 50100 + Math.floor(Math.random() * 1000);
const address = `tcp://127.0.0.1:${port}`;
const examples = ['weather', 'notes', 'tail', 'thermometer', 'release-notes'].map((name) =>
	join(root, 'examples', name),
);
const server = spawn(process.execPath, [executable, 'serve', ...examples, '--listen', address, '--json'], {
	env,
	stdio: ['ignore', 'pipe', 'inherit'],
});
let said = '';
server.stdout.setEncoding('utf8').on('data', (text) => {
	said += text;
});

/** @param {string[]} words */
const call = (...words) =>
	spawnSync(process.execPath, [executable, 'call', address, ...words], { env, encoding: 'utf8' });

try {
	await until(() => said.includes('"ready"'), 'a server');
	const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
	const pty = spawnOnTerminal(process.execPath, [executable, 'top', address], {
		...size,
		env,
		name: 'xterm-256color',
	});
	pty.onData((data) => terminal.write(data));
	const shown = () =>
		Array.from({ length: size.rows }, (_, row) =>
			terminal.buffer.active.getLine(row)?.translateToString(true),
		).join('\n');
	const show = async (
		/** @type {string} */ keys,
		/** @type {RegExp} */ pattern,
		/** @type {string | undefined} */ name,
	) => {
		pty.write(keys);
		await until(() => pattern.test(shown()), `${pattern} in\n${shown()}`);
		if (name) writeFileSync(join(root, 'docs/pictures', `${name}.svg`), svgOf(terminal));
	};
	await show('', /● live/, undefined);
	const stream = spawn(
		process.execPath,
		[executable, 'call', address, 'tail', `file=${join(root, 'README.md')}`, 'follow=true'],
		{ env, stdio: 'ignore' },
	);
	for (const [city, celsius] of /** @type {[string, string][]} */ ([
		['Oslo', '21'],
		['Cairo', '64'],
		['Quito', '18'],
	])) {
		call('forecast', `city=${city}`, 'days=3');
		call('report_temperature', `place=${city}`, `celsius=${celsius}`);
		call('tail', `file=/var/log/${city.toLowerCase()}.log`);
		call('add_line', 'path=cities', `text=${city}`);
	}
	await show('1', /3 failed/, 'top-plugins');
	await show('2', /tail .*failed/, 'top-calls');
	await show('e\r', /file_unreadable[\s\S]*"file"/, 'top-failed-call');
	await show('\x1b', /TOOL/, undefined);
	await show('3', /temperature/, 'top-events');
	// A plugin with one tool: its form comes at once.
	await show('1c', /\*city/, 'top-form');
	pty.write('\x03');
	stream.kill();
} finally {
	server.kill();
	rmSync(scratch, { recursive: true, force: true });
}
process.exit();

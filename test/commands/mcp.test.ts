import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('mcp-command');

/** A project and a home of its own. */
function place() {
	const cwd = mkdtempSync(join(scratch, 'project-'));
	const home = mkdtempSync(join(scratch, 'home-'));
	const env = {
		HOME: home,
		XDG_CONFIG_HOME: '',
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
		ORCHESTRA_HOME: join(home, 'orchestra'),
	};
	const run = (...args: string[]) => runCli(['mcp', ...args], { cwd, env });
	return { cwd, home, run };
}
const weather = join(projectRoot, 'examples/weather');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('add puts a plugin into the file of each client and leaves the rest; undo takes it out', async () => {
	const { cwd, home, run } = place();
	const files = {
		'claude-code': [join(cwd, '.mcp.json'), 'mcpServers'],
		cursor: [join(home, '.cursor/mcp.json'), 'mcpServers'],
		vscode: [join(cwd, '.vscode/mcp.json'), 'servers'],
	} as const;
	for (const [client, [file, key]] of Object.entries(files)) {
		mkdirSync(join(file, '..'), { recursive: true });
		const other = { command: 'other', args: ['x'] };
		writeFileSync(file, JSON.stringify({ kept: true, [key]: { other } }));
		const { code, stdout } = await run('add', client, weather);
		expect(code).toBe(0);
		expect(stdout).toContain('+ "weather"');
		const { command, args } = read(file)[key].weather;
		expect(read(file)).toMatchObject({ kept: true, [key]: { other } });
		// What is written there is what speaks MCP.
		expect([command, ...args].slice(-3)).toEqual(['serve', weather, '--mcp']);
		expect(existsSync(command)).toBe(true);
		expect((await run('add', client, weather)).stdout).toContain('already');
		expect((await run('add', client, '--undo')).stdout).toContain('- "weather"');
		expect(read(file)).toEqual({ kept: true, [key]: { other } });
	}
});

test('a server of another is not replaced, comments are not lost, and a broken file is left as it is', async () => {
	const { cwd, run } = place();
	const file = join(cwd, '.mcp.json');
	writeFileSync(file, JSON.stringify({ mcpServers: { weather: { command: 'theirs' } } }));
	const taken = await run('add', 'claude-code', weather);
	expect(taken.code).toBe(2);
	expect(taken.stderr).toContain('--name');
	expect((await run('add', 'claude-code', weather, '--name', 'mine')).code).toBe(0);
	const commented = '{\n\t// mine\n\t"mcpServers": {},\n}\n';
	for (const text of [commented, '{ broken', '[]', '{"mcpServers": 7}']) {
		writeFileSync(file, text);
		const { code, stderr } = await run('add', 'claude-code', weather, '--yes');
		expect([code, readFileSync(file, 'utf8')]).toEqual([3, text]);
		expect(stderr).toContain(file);
		// What is to be written by hand is shown.
		if (text === commented) expect(stderr).toContain('+ "weather": {');
	}
});

test.each([
	[['add', 'no-such-client', weather], 2],
	[['add', 'cursor'], 2],
	[['add', 'cursor', 'no-such-folder'], 3],
	[['add', 'cursor', 'tcp://127.0.0.1:1'], 2],
	[['import', '--from', 'no-such-file'], 3],
])('%j is refused', async (args, expected) => {
	const { home, run } = place();
	expect((await run(...args)).code).toBe(expected);
	expect(existsSync(join(home, '.cursor'))).toBe(false);
});

test('import takes what clients know into orchestra.yaml, without their secrets, and keeps its comments', async () => {
	const { cwd, run } = place();
	mkdirSync(join(cwd, '.vscode'));
	writeFileSync(
		join(cwd, '.vscode/mcp.json'),
		'{ // of the editor\n "servers": { "git hub": { "command": "npx", "args": ["-y", "gh"], "env": { "GH_TOKEN": "hunter2" }, }, "far": { "url": "https://x.example/mcp", "headers": { "Authorization": "Bearer hunter3" } } } }',
	);
	writeFileSync(
		join(cwd, '.mcp.json'),
		JSON.stringify({ mcpServers: { far: { command: 'second' }, here: { command: 'node', args: ['h.js'] } } }),
	);
	writeFileSync(join(cwd, 'orchestra.yaml'), '# mine\nplugins:\n  - id: here # kept\n    module: here.ts\n');
	const { code, stdout } = await run('import', '--json');
	expect(code).toBe(0);
	const { added, kept, variables } = JSON.parse(stdout);
	expect(added.map(({ id }: { id: string }) => id).sort()).toEqual(['far', 'git-hub']);
	expect(kept).toEqual(['here']);
	expect(variables.sort()).toEqual(['GH_TOKEN']);
	const text = readFileSync(join(cwd, 'orchestra.yaml'), 'utf8');
	expect(text).toContain('# mine');
	expect(text).toContain('# kept');
	expect(text).not.toContain('hunter');
	// biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of the file.
	expect(text).toContain('${env:GH_TOKEN}');
	expect(JSON.parse((await run('import', '--json')).stdout).added).toEqual([]);
});

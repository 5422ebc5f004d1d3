import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('cluster-permissions');
symlinkSync(join(projectRoot, 'node_modules'), join(scratch, 'node_modules'));

function write(node: string, plugins: string, more = ''): string {
	const own = join(scratch, node);
	mkdirSync(own, { recursive: true });
	writeFileSync(
		join(own, 'weather.ts'),
		`import { createPlugin } from 'orchestra-toolchain';
console.log('it is loaded');
export default createPlugin('weather').needsTools('locate').needsStorage('memory').providesEvents('weather.*').needsEvents('clock.tick')
	.registerTool('forecast', { description: '' }, () => ({})).build();
`,
	);
	const file = join(own, 'orchestra.yaml');
	writeFileSync(
		file,
		`cluster: { node: ${node}, servers: ["tls://127.0.0.1:4222"] }\nplugins:\n${plugins}${more}`,
	);
	return file;
}

interface Printed {
	readonly user: string;
	readonly publish: readonly string[];
	readonly subscribe: readonly string[];
	readonly unknown?: readonly string[];
}

it('each node may use what the manifests of its plugins and the rules of its file say', async () => {
	const files = [
		write(
			'alpha',
			'  - { id: weather, module: weather.ts, singleton: true }\n',
			'access:\n  rules:\n    - { name: people, certificates: [cli], tools: [report], publish: ["jobs.*"], subscribe: [] }\n',
		),
		write('beta', '  - { id: program, binary: /bin/true }\n'),
	];
	const env = { ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
	const { stdout, stderr, code } = await runCli(
		['cluster', 'permissions', ...files, '--manifests', '--json'],
		{
			env,
		},
	);
	expect(code, stderr).toBe(0);
	const [alpha, beta] = JSON.parse(stdout) as [Printed, Printed];
	const calls = (printed: Printed) =>
		printed.publish
			.flatMap((subject) => /^orch\.v1\.call\.\*\.\*\.(.*)\.\w+$/.exec(subject)?.[1] ?? [])
			.sort();
	// Its own singleton may run elsewhere.
	expect(calls(alpha)).toEqual(
		[
			'list.*',
			'prompt.*',
			'service.*',
			'storage.memory',
			'tool.forecast',
			'tool.locate',
			'tool.report',
		].sort(),
	);
	const events = (subjects: readonly string[]) =>
		subjects.filter((subject) => subject.startsWith('orch.v1.event.'));
	expect(events(alpha.publish)).toEqual([
		'orch.v1.event.alpha.weather.*',
		'orch.v1.event.alpha.jobs',
		'orch.v1.event.alpha.jobs.>',
	]);
	expect(events(alpha.subscribe)).toEqual(['orch.v1.event.*.clock.tick']);
	expect(alpha.subscribe).toContain('orch.v1.call.weather.>');

	expect(calls(beta)).toEqual(['list.*', 'prompt.*', 'service.*', 'storage.*', 'tool.*']);
	expect(events(beta.publish)).toEqual(['orch.v1.event.beta.>']);
	expect([alpha.unknown, beta.unknown]).toEqual([[], ['program']]);

	const text = await runCli(['cluster', 'permissions', ...files, '--manifests'], { env });
	expect(text.stderr).toContain('what program needs is not known before it is started');
	expect(text.stdout).toMatch(/^authorization \{/);
	expect(text.stdout).not.toContain('it is loaded');
	expect(text.stderr).toContain('it is loaded');

	const wide = await runCli(['cluster', 'permissions', ...files, '--json'], { env });
	expect(calls((JSON.parse(wide.stdout) as [Printed])[0])).toContain('tool.*');
});

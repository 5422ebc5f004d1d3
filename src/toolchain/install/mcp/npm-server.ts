import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import type { PackageFile } from '../source/read-package.ts';

/** Packages with which MCP servers of npm are made. */
const serverPackages = [
	'@modelcontextprotocol/sdk',
	'@modelcontextprotocol/server',
	'fastmcp',
	'mcp-framework',
];

/**
 * The program of a package that is an MCP server, relative to its folder; undefined for a package that is none. One that asks for
 * orchestra-toolchain is a plugin of ours, whatever else it asks for.
 *
 * @throws OrchestraError `not_a_plugin` where it has several programs, or lacks the one that it names
 */
export function npmServerProgram(root: string, { name = '', document }: PackageFile): string | undefined {
	const { bin, mcpName } = document;
	const wants = (one: string) =>
		[document.dependencies, document.peerDependencies].some(
			(list) => isObject(list) && Object.hasOwn(list, one),
		);
	if (wants('orchestra-toolchain') || !(typeof mcpName === 'string' || serverPackages.some(wants)))
		return undefined;
	const programs = typeof bin === 'string' ? { [name]: bin } : isObject(bin) ? bin : {};
	const names = Object.keys(programs);
	if (names.length === 0) return undefined;
	// npx chooses the same one.
	const chosen = names.length === 1 ? names[0] : names.find((one) => one === name.replace(/^@[^/]*\//, ''));
	if (chosen === undefined) {
		throw new OrchestraError(
			'not_a_plugin',
			`the package ${name} has several programs: ${names.join(', ')}`,
			{
				hint: 'Serve one of them by its command: "mcp:npx -y -p PACKAGE PROGRAM".',
			},
		);
	}
	const program = String(programs[chosen]).replace(/^\.\//, '');
	const inside = program !== '' && !program.startsWith('/') && !program.split(/[/\\]/).includes('..');
	if (inside && statSync(join(root, program), { throwIfNoEntry: false })?.isFile()) return program;
	throw new OrchestraError(
		'not_a_plugin',
		`the package ${name} lacks its program ${JSON.stringify(program)}`,
		{
			hint: 'It may have to be built first: install it from npm, or from a .tgz of npm pack.',
		},
	);
}

/**
 * The folder that the host works in, where it named one: the Go command line starts plugins with `--workspace=DIR`. Undefined where it
 * did not. The text is the host's: resolve it, and do not take it for a folder that exists.
 *
 * @param argv the arguments to look in. Default: those of this process
 */
export function workspaceFolder(argv: readonly string[] = process.argv.slice(2)): string | undefined {
	let folder: string | undefined;
	for (const [i, argument] of argv.entries()) {
		if (argument === '--') break;
		const [, value] = /^--?workspace(?:=(.*))?$/s.exec(argument) ?? [];
		if (value !== undefined) folder = value;
		else if (/^--?workspace$/.test(argument)) folder = argv[i + 1];
	}
	return folder || undefined;
}

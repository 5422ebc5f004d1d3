/** Variables that a program needs to be found and to start at all; none that tells who the user is. */
const passedOn = new Set([
	'PATH',
	'LANG',
	'LC_ALL',
	'LD_LIBRARY_PATH',
	'DYLD_LIBRARY_PATH',
	// Windows: nothing starts without these.
	'SYSTEMROOT',
	'WINDIR',
	'COMSPEC',
	'PATHEXT',
]);

/** The environment for code of a stranger that is only asked what it is. @param home stands for home and temporary folder */
export function minimalEnvironment(home: string): Record<string, string> {
	const environment: Record<string, string> = {};
	for (const [name, value] of Object.entries(process.env)) {
		if (value !== undefined && passedOn.has(name.toUpperCase())) environment[name] = value;
	}
	for (const name of ['HOME', 'USERPROFILE', 'TMPDIR', 'TMP', 'TEMP']) environment[name] = home;
	return { ...environment, DENO_NO_UPDATE_CHECK: '1' };
}

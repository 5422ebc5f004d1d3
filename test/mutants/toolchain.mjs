const bundled = ['toolchain/bundle'];
const loaded = ['toolchain/load'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'the cache folder is private',
		file: 'toolchain/load/cache-folder.ts',
		from: 'makeFolders(resolve(path), 0o700);',
		to: 'makeFolders(resolve(path), 0o755);',
		tests: loaded,
	},
	{
		breaks: 'a cache folder that others can write to is not used',
		file: 'toolchain/load/cache-folder.ts',
		from: '(own.mode & 0o022) !== 0',
		to: '(own.mode & 0o002) !== 0',
		tests: loaded,
	},
	{
		breaks: 'an edit that keeps the size is noticed',
		file: 'toolchain/load/file-stamp.ts',
		from: '${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}',
		to: '${stats.size} 0 0 ${stats.ino}',
		tests: loaded,
	},
	{
		breaks: 'a module that hangs while it loads ends build with the reason',
		file: 'toolchain/bundle/run-program.ts',
		from: "signal === 'SIGKILL' && performance.now() - started >= timeoutMs",
		to: "signal === 'SIGTERM' && performance.now() - started >= timeoutMs",
		tests: bundled,
	},
	{
		breaks: 'the median of latencies is the middle sample',
		file: 'toolchain/targets/inspect-target.ts',
		from: 'samples[latencySamples >> 1]',
		to: 'samples[latencySamples - 1]',
		tests: ['toolchain/targets'],
	},
	{
		breaks: 'a program that is given up with its target leaves no listener',
		file: 'toolchain/targets/open-local.ts',
		from: "const close = async () => {\n\t\t\tsignal?.removeEventListener('abort', giveUp);",
		to: 'const close = async () => {',
		tests: ['toolchain/targets'],
	},
	{
		breaks: 'what was started is stopped where a target cannot be opened',
		file: 'toolchain/targets/open-local.ts',
		from: '\t\tawait orchestrator.stop({ graceMs: 0 });\n\t\tthrow error;',
		to: '\t\tthrow error;',
		tests: ['toolchain/targets'],
	},
	{
		breaks: 'the first executable gets its OnShutdown when the second fails',
		file: 'toolchain/serve/start-serving.ts',
		from: '\t\tawait orchestrator.stop({ graceMs: 0 });\n',
		to: '',
		tests: ['toolchain/serve', 'commands/serve-stop.test.ts'],
	},
];

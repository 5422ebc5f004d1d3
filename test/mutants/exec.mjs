const sessions = ['exec/exec.test.ts', 'exec/manager.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'a viewer that reads slowly loses no output',
		file: 'runtime/exec/exec-session.ts',
		from: 'while (this.#blocking(length).length > 0) await',
		to: 'if (length < 0) await',
		tests: sessions,
	},
	{
		breaks: 'a viewer that does not read is detached before it holds up others for ever',
		file: 'runtime/exec/exec-session.ts',
		from: "viewer.detach('it did not read, and held up the session');",
		to: 'void viewer;',
		tests: sessions,
	},
	{
		breaks: 'a handler that does not take a new size is given up',
		file: 'runtime/exec/exec-session.ts',
		from: 'await Promise.race([handler.resize({ rows, cols }, options), late]);',
		to: 'void late.catch(() => {});\n\t\t\tawait handler.resize({ rows, cols }, options);',
		tests: sessions,
	},
	{
		breaks: 'a size of nothing is refused',
		file: 'runtime/exec/exec-session.ts',
		from: '(value as number) >= 1 &&',
		to: '(value as number) >= 0 &&',
		tests: sessions,
	},
	{
		breaks: 'a session that ends closes its terminal',
		file: 'runtime/exec/exec-session.ts',
		from: '\t\tthis.terminal.close();\n',
		to: '',
		tests: sessions,
	},
	{
		breaks: 'a session that somebody watches is not idle',
		file: 'runtime/exec/exec-session.ts',
		from: 'return this.#viewers.size > 0 ? 0 : this.#parts',
		to: 'return this.#parts',
		tests: sessions,
	},
	{
		breaks: 'a caller who may only read cannot type',
		file: 'runtime/exec/viewer.ts',
		from: 'if (!this.readOnly) return;',
		to: 'if (this.session) return;',
		tests: sessions,
	},
	{
		breaks: 'a caller with whom a session was not shared has no right to it',
		file: 'runtime/exec/exec-session.ts',
		from: 'Object.hasOwn(this.#parts.share, caller) ? this.#parts.share[caller] : undefined',
		to: "this.#parts.share[caller] ?? 'read'",
		tests: sessions,
	},
	{
		breaks: 'a megabyte of output is replayed',
		file: 'runtime/exec/exec-limits.ts',
		from: 'outputBufferBytes = 1_000_000',
		to: 'outputBufferBytes = 100_000',
		tests: sessions,
	},
	{
		breaks: 'output to stdout and to stderr stays apart',
		file: 'runtime/exec/session-log.ts',
		from: 'if (this.#runs.at(-1)?.target !== target) this',
		to: 'if (this.#runs.length === 0) this',
		tests: sessions,
	},
	{
		breaks: 'a session in which nothing happens ends after an hour',
		file: 'runtime/exec/exec-limits.ts',
		from: 'unwatchedTimeoutMs = 3_600_000',
		to: 'unwatchedTimeoutMs = 36_000_000',
		tests: sessions,
	},
];

const compliance = ['carriers/compliance.test.ts'];
const persistent = ['carriers/persistent-connection.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'no timer stays after an answer',
		file: 'runtime/carrier/outgoing-exchange.ts',
		from: 'if (this.#deadline) clearDeadline(this.#deadline);',
		to: '',
		tests: compliance,
	},
	{
		breaks: "no listener stays on the caller's signal after a call",
		file: 'runtime/carrier/outgoing-exchange.ts',
		from: "if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);",
		to: '',
		tests: ['carriers/exchange-timers.test.ts'],
	},
	{
		breaks: 'no timer stays where the handler watched the deadline and has answered',
		file: 'runtime/carrier/incoming-exchange.ts',
		from: 'this.#finished = true;\n\t\tif (this.#timer) clearDeadline(this.#timer);',
		to: 'this.#finished = true;',
		tests: ['carriers/exchange-timers.test.ts'],
	},
	{
		breaks: 'no timer stays where a call was cancelled',
		file: 'runtime/carrier/incoming-exchange.ts',
		from: 'if (this.#cancelled || this.#finished) return;\n\t\tif (this.#timer) clearDeadline(this.#timer);',
		to: 'if (this.#cancelled || this.#finished) return;',
		tests: ['carriers/exchange-timers.test.ts'],
	},
	{
		breaks: 'a deadline that waits for nothing keeps no process alive',
		file: 'runtime/carrier/deadline-queue.ts',
		from: 'if (!queue.empty) continue;',
		to: 'if (queue.ms > 0) continue;',
		tests: ['carriers/deadline-queue.test.ts', ...compliance],
	},
	{
		breaks: 'connections that are accepted and dropped do not reset the back-off',
		file: 'runtime/carrier/persistent-connection.ts',
		from: '(this.#options.healthyMs ?? defaultHealthyMs)',
		to: '0 * (this.#options.healthyMs ?? defaultHealthyMs)',
		tests: persistent,
	},
	{
		breaks: 'a request that was held back tells the time that is left',
		file: 'runtime/carrier/tcp/tcp-outgoing-exchange.ts',
		from: 'this.#send(remainingMs === undefined ? frame : withTimeout(frame, remainingMs));',
		to: 'this.#send(remainingMs === undefined ? withTimeout(frame, 1) : frame);',
		tests: ['carriers/tcp', ...compliance],
	},
	{
		breaks: 'a request that waited for a connection tells the time that is left',
		file: 'runtime/carrier/waiting-exchange.ts',
		from: 'timeoutMs: this.remainingMs ?? Number.POSITIVE_INFINITY,',
		to: 'timeoutMs: this.timeoutMs ?? Number.POSITIVE_INFINITY,',
		tests: persistent,
	},
	{
		breaks: 'what the peer grants beyond what it was sent wins no endless window',
		file: 'runtime/carrier/tcp/tcp-incoming-exchange.ts',
		from: 'this.#used = Math.max(0, this.#used - bytes);',
		to: 'this.#used = this.#used - bytes;',
		tests: ['carriers/tcp', ...compliance],
	},
	{
		breaks: 'a reader that stops stops the handler',
		file: 'runtime/carrier/tcp/tcp-incoming-exchange.ts',
		from: '(this.#window !== undefined && this.#used >= this.#window) ||',
		to: '(this.#window === 0) ||',
		tests: compliance,
	},
	{
		breaks: 'calls that wait for a connection are bounded in number',
		file: 'runtime/carrier/persistent-connection.ts',
		from: 'this.#waiting.size >= (this.#options.maxWaiting ?? defaultMaxWaiting)',
		to: 'this.#waiting.size >= 2 * (this.#options.maxWaiting ?? defaultMaxWaiting)',
		tests: persistent,
	},
	{
		breaks: 'a call whose handler has begun is not sent again',
		file: 'runtime/carrier/waiting-exchange.ts',
		from: 'if (this.ended || this.#begun || this.#retriesLeft === 0) return false;',
		to: 'if (this.ended || this.#retriesLeft === 0) return false;',
		tests: persistent,
	},
	{
		breaks: 'no timer stays after a persistent connection was closed',
		file: 'runtime/carrier/persistent-connection.ts',
		from: '\t\tclearTimeout(this.#timer);\n\t\tconst told',
		to: '\t\tconst told',
		tests: persistent,
	},
	{
		breaks: 'a link whose retry was given up leaves no timer',
		file: 'runtime/carrier/waiting-exchange.ts',
		from: '\t\tclearTimeout(this.#retryTimer);\n',
		to: '',
		tests: persistent,
	},
];

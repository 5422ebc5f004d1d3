// A tool that runs a command of the shell: its output comes as it is printed, and a cancel ends the command with all of its children.
import { type ChildProcess, spawn } from 'node:child_process';
import { createPlugin, ToolError } from 'orchestra-toolchain';

/** Bytes of output that a result holds: of more, the first half and the last half. */
const maxOutput = 100_000;

/** Milliseconds that a command may take where nobody says. */
const defaultTimeoutMs = 120_000;

/** Milliseconds that output may still come after the command has ended: a child that it left behind may hold its pipe. */
const drainMs = 500;

export default createPlugin('shell')
	.version('1.0.0')
	.description('Runs commands of the shell.')
	.registerTool<{ command: string; timeout_ms?: number; cwd?: string; prefix?: string[] }>(
		'bash',
		{
			description: 'Runs a command and returns what it printed.',
			input: {
				type: 'object',
				properties: {
					command: { type: 'string' },
					timeout_ms: { type: 'integer', minimum: 1, maximum: 3_600_000 },
					cwd: { type: 'string' },
					prefix: { type: 'array', items: { type: 'string' } },
				},
				required: ['command'],
				additionalProperties: false,
			},
		},
		async ({ command, timeout_ms = defaultTimeoutMs, cwd, prefix = [] }, ctx) => {
			const [program = 'bash', ...args] = [...prefix, 'bash', '-c', command];
			// A group of its own, so that one signal reaches all of its children.
			const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
			const kept = new KeptOutput();
			for (const pipe of [child.stdout, child.stderr]) {
				pipe.setEncoding('utf8');
				pipe.on('data', async (text: string) => {
					kept.add(text);
					const behind = ctx.output(text);
					if (!behind) return;
					pipe.pause();
					await behind;
					pipe.resume();
				});
			}
			const ended = await end(child, timeout_ms, ctx.signal);
			return { text: `${kept.text}${ended.note}`, exit_code: ended.code, is_error: ended.note !== '' };
		},
	)
	.build();

/** How a command ended: by itself, by its deadline, or by a cancel, which beats the deadline. */
async function end(
	child: ChildProcess,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<{ code: number | null; note: string }> {
	let timedOut = false;
	const kill = () => killGroup(child);
	const timer = setTimeout(() => {
		timedOut = true;
		kill();
	}, timeoutMs);
	signal.addEventListener('abort', kill, { once: true });
	if (signal.aborted) kill();
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once('error', (error) =>
				reject(new ToolError('command_failed', `the command could not be started: ${error.message}`)),
			);
			child.once('close', resolve);
			// Its pipe may be held by a child that left its group.
			child.once('exit', (code) => setTimeout(resolve, drainMs, code));
		});
		if (signal.aborted) return { code, note: '\n(cancelled)' };
		if (timedOut) return { code, note: '\n(timed out)' };
		return { code, note: code === 0 ? '' : `\n(exit code: ${code})` };
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', kill);
		child.stdout?.destroy();
		child.stderr?.destroy();
	}
}

function killGroup({ pid }: ChildProcess): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch (error) {
		// It has ended already.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/** The beginning and the end of what was printed. */
class KeptOutput {
	#head = '';
	#tail = '';
	#dropped = 0;

	add(text: string): void {
		const room = maxOutput / 2 - this.#head.length;
		this.#head += text.slice(0, Math.max(0, room));
		this.#tail += text.slice(Math.max(0, room));
		const over = this.#tail.length - maxOutput / 2;
		if (over <= 0) return;
		this.#dropped += over;
		this.#tail = this.#tail.slice(over);
	}

	get text(): string {
		const marker = this.#dropped > 0 ? `\n[… ${this.#dropped} characters are left out …]\n` : '';
		return this.#head + marker + this.#tail;
	}
}

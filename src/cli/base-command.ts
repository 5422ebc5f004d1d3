import { Command, Errors, Flags, type Interfaces } from '@oclif/core';
import { logDocument, logLine } from '../runtime/plugin/definition/log-document.ts';
import { writeBounded } from '../runtime/plugin/process/bounded-stderr.ts';
import { colouredJson } from './coloured-json.ts';
import { frameworkError } from './framework-error.ts';
import { chooseLogFormat, logsJson } from './log-format.ts';
import { describeError } from './report-error.ts';
import { errorStyle } from './style.ts';
import { visibleJson } from './visible-text.ts';

/**
 * Base of every command: `--json`, results on stdout, everything else on stderr. Errors are thrown; the executable
 * turns them into a message and an exit code (report-error.ts).
 */
export abstract class BaseCommand extends Command {
	static override enableJsonFlag = true;

	/**
	 * An argument that is missing is missing: oclif would read it from stdin, so that a pipe in a script becomes one. And words keep their
	 * order: it sorts them by where each stands first, and `a=1 a=2 a=1` would be two ones and a two.
	 */
	protected override async parse<
		F extends Interfaces.OutputFlags<F>,
		B extends Interfaces.OutputFlags<B>,
		A extends Interfaces.OutputArgs<A>,
	>(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
		for (const arg of Object.values<{ ignoreStdin?: boolean }>(options?.args ?? {})) arg.ignoreStdin = true;
		const parsed = await super.parse(options, argv);
		parsed.argv = parsed.raw.flatMap(({ type, input }) => (type === 'arg' ? [input] : []));
		chooseLogFormat((parsed.flags as { 'log-format'?: string })['log-format']);
		return parsed;
	}

	/** A result: what `run` returns, printed as JSON with `--json`; without it, the text that `human` makes is printed now. */
	protected result<T>(value: T, human: () => string): T {
		const text = this.jsonEnabled() ? '' : human();
		if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
		return value;
	}

	/** Throws the error of a command that has a result all the same: the result stands on stdout either way. */
	protected failAfter(result: unknown, error: Error): never {
		if (this.jsonEnabled()) this.logJson(this.toSuccessJson(result));
		throw error;
	}

	/** One JSON document on a line of its own: an element of a stream. */
	protected line(value: unknown): void {
		process.stdout.write(`${JSON.stringify(value)}\n`);
	}

	/** A remark for a person: to stderr, and not with `--json`. Where logs are JSON it is a line of them. */
	protected note(text: string): void {
		if (logsJson()) writeBounded(logLine(logDocument({ level: 'info', plugin: '', message: text })));
		else if (!this.jsonEnabled()) process.stderr.write(`${errorStyle.dim(text)}\n`);
	}

	protected override logJson(value: unknown): void {
		const { isTTY } = process.stdout;
		const json = JSON.stringify(value, null, isTTY ? 2 : undefined);
		process.stdout.write(`${isTTY ? colouredJson(visibleJson(json)) : json}\n`);
	}

	protected override toErrorJson(error: unknown): unknown {
		return describeError(frameworkError(error)).document;
	}

	/** oclif would print the error of `--json` to stdout, where only results belong. */
	protected override async catch(error: Error): Promise<void> {
		if (!this.jsonEnabled() || error instanceof Errors.ExitError) throw error;
		process.exitCode = describeError(frameworkError(error)).exitCode;
		process.stderr.write(`${JSON.stringify(this.toErrorJson(error))}\n`);
	}
}

/** Flag for the certificates directory; every command that speaks to another process has it. */
export const certsDirFlag = Flags.string({
	description: 'Directory of the certificates. [default: $ORCHESTRA_CERTS_DIR, else ~/.orchestra/certs]',
	helpValue: 'DIR',
});

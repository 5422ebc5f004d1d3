import { Command, Flags } from '@oclif/core';
import { errorStyle } from './style.ts';

/**
 * What every command has in common: `--json`, results on stdout, everything else on stderr. Errors are thrown; the executable
 * turns them into a message and an exit code (report-error.ts).
 */
export abstract class BaseCommand extends Command {
	static override baseFlags = {
		json: Flags.boolean({ description: 'Print one JSON document and nothing else.', helpGroup: 'GLOBAL' }),
	};

	/** Prints a result: `value` as JSON with `--json`, else the text that `human` makes. */
	protected result(json: boolean, value: unknown, human: () => string): void {
		const text = json ? JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined) : human();
		if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
	}

	/** One JSON document on a line of its own: an element of a stream. */
	protected line(value: unknown): void {
		process.stdout.write(`${JSON.stringify(value)}\n`);
	}

	/** A remark for a person: to stderr, and not with `--json`. */
	protected note(json: boolean, text: string): void {
		if (!json) process.stderr.write(`${errorStyle.dim(text)}\n`);
	}
}

/** Where certificates are kept; every command that speaks to another process has it. */
export const certsDirFlag = Flags.string({
	description: 'Directory of the certificates. [default: $ORCHESTRA_CERTS_DIR, else ~/.orchestra/certs]',
	helpValue: 'DIR',
});

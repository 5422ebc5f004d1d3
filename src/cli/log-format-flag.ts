import { Flags } from '@oclif/core';
import { logFormats } from './log-format.ts';

/** The flag of every command that shows what plugins log. */
export const logFormatFlag = Flags.string({
	description:
		'How logs and errors are written to stderr: for people, or as a JSON document a line. [default: $ORCHESTRA_LOG_FORMAT, else text]',
	options: logFormats,
});

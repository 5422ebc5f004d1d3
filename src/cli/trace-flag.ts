import { Flags } from '@oclif/core';

/** The flag of commands that make calls. */
export const traceParentFlag = Flags.string({
	description: 'W3C trace context that the call is part of. [default: $TRACEPARENT, where it is set]',
	helpValue: 'TRACE',
});

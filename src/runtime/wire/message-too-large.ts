import { maxMessageBytes } from './limits.ts';
import { OrchestraError } from './orchestra-error.ts';

/** The error for a message over the limit; `bytes` where its size is known. */
export function messageTooLarge(bytes?: number, limit: number = maxMessageBytes): OrchestraError {
	const size = bytes === undefined ? 'a message' : `a message of ${bytes} bytes`;
	return new OrchestraError('message_too_large', `${size} is over the limit of ${limit} bytes`, {
		hint: 'Send large data as a stream, or by reference.',
	});
}

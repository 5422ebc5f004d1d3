import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';

/** Writer and reader of a message. Generated for each envelope. */
export interface MessageCodec<T> {
	/** @throws OrchestraError `message_too_large`, `nesting_too_deep`, `not_json` */
	write(writer: MessageWriter, message: T): void;
	/**
	 * Reads all fields of the message that is open into `message`.
	 *
	 * @throws OrchestraError `malformed_message`, `nesting_too_deep`, `not_json`
	 */
	read(reader: MessageReader, message: T): T;
}

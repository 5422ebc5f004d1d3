import type { Reader, Writer } from 'protobufjs';

/** The part of protobufjs's static classes that the runtime uses. */
export interface MessageCodec<T> {
	encode(message: T, writer?: Writer): Writer;
	decode(reader: Reader | Uint8Array, length?: number): T;
}

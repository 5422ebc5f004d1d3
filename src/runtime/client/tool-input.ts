import type { StreamInput } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { InputValue } from './call-options.ts';

const encoder = new TextEncoder();

/** The messages that say what a caller sends to a streaming tool. */
export async function* toolInputs(
	source: AsyncIterable<InputValue>,
	tool: string,
): AsyncGenerator<StreamInput, void> {
	for await (const value of source) yield toInput(value, tool);
}

/** Value of a message: bytes, text, or a JSON value, as its media type tells. @throws OrchestraError `malformed_message` */
export function inputValue({ data = noBytes, contentType = '' }: StreamInput, tool: string): InputValue {
	const [type = ''] = contentType.split(';');
	if (type !== 'application/json' && type !== 'text/plain') return data;
	const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
	if (type === 'text/plain') return text;
	try {
		return JSON.parse(text) as InputValue;
	} catch (error) {
		throw new OrchestraError(
			'malformed_message',
			`input of tool ${tool} is not the JSON that it claims to be`,
			{
				cause: error,
			},
		);
	}
}

const noBytes = new Uint8Array(0);

function toInput(value: InputValue, tool: string): StreamInput {
	if (value instanceof Uint8Array) return { data: value, contentType: 'application/octet-stream' };
	if (typeof value === 'string')
		return { data: encoder.encode(value), contentType: 'text/plain; charset=utf-8' };
	let text: string | undefined;
	try {
		text = JSON.stringify(value);
	} catch {
		// A bigint, or a cycle.
	}
	if (text === undefined)
		throw new OrchestraError('not_json', `input of tool ${tool} is neither bytes, a string nor JSON`);
	return { data: encoder.encode(text), contentType: 'application/json' };
}

import { StringDecoder } from 'node:string_decoder';

/** Characters of the longest line that a host may write: an identity with all its revocations fits. */
const maxLineLength = 4 * 1024 * 1024;

/** Receives the messages of a {@link HostInput}. */
export interface HostInputListener {
	/** A line that the host wrote. */
	line(text: string): void;
	/** Stdin has ended: the host that holds its other end has gone, however it went. Once. */
	gone(): void;
}

/** Reads the pipe that the host keeps open as this process's stdin. A line that is too long is thrown away. */
export function readHostInput(listener: HostInputListener): void {
	const decoder = new StringDecoder('utf8');
	let pending = '';
	let skipping = false;
	let told = false;
	const gone = (): void => {
		if (told) return;
		told = true;
		pending = '';
		listener.gone();
	};
	process.stdin.on('data', (chunk: Buffer | string) => {
		const parts = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).split('\n');
		const last = parts.pop() ?? '';
		for (const part of parts) {
			const text = pending + part;
			pending = '';
			if (!skipping && text.length <= maxLineLength) listener.line(text);
			skipping = false;
		}
		if (!skipping) pending += last;
		if (pending.length <= maxLineLength) return;
		pending = '';
		skipping = true;
	});
	process.stdin.on('end', gone);
	process.stdin.on('close', gone);
	process.stdin.on('error', gone);
}

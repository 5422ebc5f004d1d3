import type { IncomingMessage } from 'node:http';

/**
 * The body of a request as text; undefined where it has more than `maxBytes`, of which no more is read then.
 *
 * @throws Error where the client goes before its end
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
	if (Number(request.headers['content-length']) > maxBytes) return Promise.resolve(undefined);
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let bytes = 0;
		request.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes <= maxBytes) {
				chunks.push(chunk);
				return;
			}
			request.pause();
			resolve(undefined);
		});
		request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
		request.once('error', reject);
		request.once('close', () => reject(new Error('the client has gone before the end of its request')));
	});
}

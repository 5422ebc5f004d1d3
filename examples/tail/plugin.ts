import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPlugin, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

/** Bytes that are read at once. */
const blockBytes = 64 * 1024;

export default createPlugin('tail')
	.version('1.0.0')
	.description('Follows a file: an example.')
	.registerStreamingTool(
		'tail',
		{
			description: 'The end of a file, and what is added to it.',
			input: z.object({
				file: z.string().min(1).describe('The path of the file'),
				bytes: z.number().int().min(0).default(4096).describe('How much of its end to begin with'),
				follow: z.boolean().default(false).describe('Whether to go on when the end is reached'),
				intervalMs: z.number().int().min(10).max(60_000).default(250).describe('How often to look for more'),
			}),
		},
		async function* ({ file, bytes, follow, intervalMs }, { signal }) {
			const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
				throw new ToolError('file_unreadable', `${file} cannot be read (${error.code})`, {
					details: { file },
				});
			});
			try {
				let position = Math.max(0, (await handle.stat()).size - bytes);
				for (;;) {
					const { bytesRead, buffer } = await handle.read(Buffer.alloc(blockBytes), 0, blockBytes, position);
					if (bytesRead > 0) {
						position += bytesRead;
						yield buffer.subarray(0, bytesRead);
					} else if (follow) {
						// A file that was cut off is read from its beginning.
						if ((await handle.stat()).size < position) position = 0;
						else await sleep(intervalMs, undefined, { signal });
					} else return;
				}
			} finally {
				// However the stream ends: read to the end, cancelled, or the reader has gone.
				await handle.close();
			}
		},
	)
	.build();

import { createPlugin, type JsonObject, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

/** A plugin of ours with a tool for each thing that a Go host can notice. */
const plugin = createPlugin('ours.kit')
	.version('2.3.4')
	.description('A plugin of ours, for a Go host.')
	.author('Our side')
	.providesStorage('markdown')
	.needsStorage('markdown')
	.needsTools('greet')
	.needsAi('claude')
	.providesEvents('temperature');

let bootedWith: Record<string, string> = {};
const heard: JsonObject[] = [];
let cancelled = 0;
const entries = new Map<string, { content: Uint8Array; version: number }>();

export default plugin
	.lifecycle({
		onBoot(config) {
			if (config.fail) throw new Error(config.fail);
			bootedWith = { ...config };
			process.stderr.write('ON_BOOT\n');
		},
		onShutdown() {
			process.stderr.write('ON_SHUTDOWN\n');
		},
	})
	.registerTool(
		'echo',
		{ description: 'Gives back what it got.', input: { type: 'object' } },
		(args) => args as never,
	)
	.registerTool(
		'add',
		{ description: 'Adds.', input: z.object({ a: z.number(), b: z.number().default(1) }) },
		({ a, b }) => ({ sum: a + b }),
	)
	.registerTool('text', { description: 'Answers with a text.' }, () => 'ünïcödé')
	.registerTool('list', { description: 'Answers with a list.' }, () => [1, null, 'x'])
	.registerTool('burnt', { description: 'Fails with a code of its own.' }, () => {
		throw new ToolError('burnt', 'the dish is burnt', { details: { dish: 'pie' }, retryable: true });
	})
	.registerTool('throws', { description: 'Throws something.' }, () => {
		throw new Error('the oven exploded');
	})
	.registerTool(
		'blob',
		{ description: 'Answers with a text of that length.', input: z.object({ bytes: z.int() }) },
		({ bytes }) => 'b'.repeat(bytes),
	)
	.registerTool('state', { description: 'What it was booted with and has heard.' }, () => ({
		bootedWith,
		heard,
		cancelled,
	}))
	.registerTool('subscribe_over_go', { description: 'Subscribes while it runs.' }, async (_args, ctx) => {
		const stop = await ctx.subscribe(
			'alerts.*',
			{ filters: { level: 'red' }, replay: 2 },
			({ topic, payload }) => {
				heard.push({ topic, ...payload });
				if (payload.last) void stop();
			},
		);
		return { id: stop.id };
	})
	.registerTool(
		'greet_over_go',
		{ description: 'Calls a tool of the orchestrator.', input: z.object({ name: z.string() }) },
		async ({ name }, ctx) => {
			const greeted = await ctx.callTool('greet', { name });
			const missing = await ctx.callTool('no_such_tool').then(
				() => 'it was found',
				(error) => error.code,
			);
			const first = await ctx.storage.write('kit.md', 'from ours');
			const conflict = await ctx.storage.write('kit.md', 'again').then(
				() => 'it was written',
				(error) => error.message,
			);
			const { content, version } = await ctx.storage.read('kit.md');
			const absent = await ctx.storage.read('none.md').then(
				() => 'it was read',
				(error) => error.code,
			);
			await ctx.publish('temperature', { celsius: 20 }, { eventType: 'measured' });
			return {
				greeted: greeted.text ?? null,
				missing,
				first,
				conflict,
				content: new TextDecoder().decode(content),
				version,
				absent,
			};
		},
	)
	.registerTool('chatter', { description: 'Logs 4 MB.' }, (_args, ctx) => {
		for (let i = 0; i < 4096; i++) ctx.log.info('x'.repeat(1024));
		return 'said';
	})
	.registerStreamingTool(
		'count',
		{ description: 'Counts.', input: z.object({ to: z.int() }) },
		async function* ({ to }) {
			for (let i = 1; i <= to; i++) yield `${i}\n`;
		},
	)
	.registerStreamingTool(
		'endless',
		{ description: 'Ticks until it is cancelled.' },
		async function* (_args, ctx) {
			try {
				for (;;) {
					yield 'tick';
					await new Promise((resolve) => setTimeout(resolve, 5));
					ctx.signal.throwIfAborted();
				}
			} finally {
				cancelled++;
			}
		},
	)
	.registerStreamingTool('breaks', { description: 'Fails after a chunk.' }, async function* () {
		yield 'one';
		throw new ToolError('broke', 'the stream broke');
	})
	.registerPrompt(
		'review',
		{ description: 'Asks for a review.', arguments: [{ name: 'file', required: true }, { name: 'tone' }] },
		({ file, tone = 'kindly' }) => `review ${file}, ${tone}`,
	)
	.registerPrompt('broken', { description: 'Fails.' }, () => {
		throw new Error('the prompt broke');
	})
	.setStorageHandler({
		read: ({ path }) => entries.get(path),
		write({ path, content, expectedVersion }) {
			const version = entries.get(path)?.version ?? 0;
			if (version !== expectedVersion)
				throw new ToolError('storage_conflict', `${path} is at version ${version}`);
			entries.set(path, { content, version: version + 1 });
			return version + 1;
		},
		delete: ({ path }) => entries.delete(path),
		list: () =>
			[...entries].map(([path, { content, version }]) => ({
				path,
				size: content.length,
				version,
				modifiedAt: new Date(0),
			})),
	})
	.subscribe('temperature', { filters: { level: 'hot' } }, ({ payload }) => {
		heard.push(payload);
	})
	.build();

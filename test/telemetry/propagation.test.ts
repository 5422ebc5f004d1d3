import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { openSession } from '../../src/runtime/services/client-session.ts';
import { readTraceParent } from '../../src/runtime/wire/trace-parent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${traceId}-00f067aa0ba902b7-01`;
const any = { description: '', input: { type: 'object' } } as const;

/** What each handler was told, in order. */
const told: [string, string][] = [];
const tell = (who: string, { traceParent }: { readonly traceParent: string }) => {
	told.push([who, traceParent]);
};

let orchestrator: Orchestrator | undefined;
let heard: (() => void) | undefined;

afterEach(async () => {
	await orchestrator?.stop({ graceMs: 0 });
	told.length = 0;
});

const relay = createPlugin('relay')
	.needsTools('trace')
	.needsStorage('kept')
	.registerTool('relay', any, async (_, ctx) => {
		tell('relay', ctx);
		await ctx.callTool('trace');
		await ctx.callTool('trace');
		await ctx.storage.write('a.md', 'text', { storageType: 'kept' });
		await ctx.publish('traced', { n: 1 });
		return 'done';
	})
	.registerPrompt('prompt', { description: 'Tells.' }, (_, ctx) => {
		tell('prompt', ctx);
		return 'text';
	})
	.build();

const second = createPlugin('second')
	.needsTools('last')
	.providesStorage('kept')
	.registerTool('trace', any, async (_, ctx) => {
		tell('trace', ctx);
		return 'done';
	})
	.registerTool('last', any, (_, ctx) => {
		tell('last', ctx);
		throw new Error('broken');
	})
	.setStorageHandler({
		read: async () => undefined,
		write: async (_write, ctx) => {
			tell('storage', ctx);
			return 1;
		},
		delete: async () => true,
		list: async () => [],
	})
	.subscribe('traced', async (event, ctx) => {
		tell('event', event);
		tell('subscriber', ctx);
		await ctx.callTool('last').catch(() => {});
		heard?.();
	})
	.registerHook('before_tool_call', (_data, ctx) => tell('hook', ctx))
	.registerQuery('ask', any, (_, ctx) => {
		tell('operation', ctx);
		return {};
	})
	.build();

async function host(logged: LogEntry[] = []) {
	orchestrator = new Orchestrator({ onLog: (entry) => void logged.push(entry) });
	await orchestrator.embed(second);
	await orchestrator.embed(relay);
	return createClient(orchestrator.connect('test'));
}

const spansOf = (who: string) =>
	told.filter(([name]) => name === who).map(([, text]) => readTraceParent(text));

describe('a trace, in one process', () => {
	test('goes along with calls, storage and events, each with a parent of its own', async () => {
		const logged: LogEntry[] = [];
		const client = await host(logged);
		const event = new Promise<void>((resolve) => {
			heard = resolve;
		});
		await client.callTool('relay', {}, { traceParent: parent });
		await event;
		expect(told.map(([who]) => who)).toEqual([
			'relay',
			'trace',
			'trace',
			'storage',
			'event',
			'subscriber',
			'last',
		]);
		expect(told[0]?.[1]).toBe(parent);
		for (const [who, text] of told) expect(readTraceParent(text)?.traceId, who).toBe(traceId);
		// The event and the context of its subscriber are one; all others are different.
		expect(new Set(told.map(([, text]) => text)).size).toBe(told.length - 1);
		// What fails is logged with its trace.
		expect(logged.find(({ code }) => code === 'handler_error')).toMatchObject({
			tool: 'last',
			traceParent: told.at(-1)?.[1],
		});
	});

	test('reaches prompts, hooks and operations of sessions', async () => {
		const client = await host();
		await client.getPrompt('prompt', {}, { traceParent: parent });
		const session = await openSession(client, {});
		await session.callTool('trace', {}, { traceParent: parent });
		await session.sessions.operate({ name: 'ask' }, { traceParent: parent });
		await session.close();
		for (const who of ['prompt', 'hook', 'trace', 'operation'])
			expect(spansOf(who), who).toEqual([expect.objectContaining({ traceId })]);
	});

	test('is not made up where there is none, and made anew where it is malformed', async () => {
		const client = await host();
		await client.callTool('trace');
		await client.callTool('trace', {}, { traceParent: 'bad' });
		expect(told[0]).toEqual(['trace', '']);
		expect(spansOf('trace')[1]).toBeDefined();
	});

	test('of a client stands for its calls that say none', async () => {
		await host();
		const client = createClient((orchestrator as Orchestrator).connect('test'), { traceParent: parent });
		await client.callTool('trace');
		await client.callTool('trace');
		const [first, next] = spansOf('trace');
		expect([first?.traceId, next?.traceId]).toEqual([traceId, traceId]);
		expect(first?.spanId).not.toBe(next?.spanId);
	});

	test('of an event reaches a client that reads it', async () => {
		const client = await host();
		const events = client.events('traced');
		await events.ready();
		await client.publish({ topic: 'traced', eventType: '' }, { traceParent: parent });
		const { value } = await events.next();
		expect(value?.traceParent).toBe(parent);
		await events.return();
	});
});

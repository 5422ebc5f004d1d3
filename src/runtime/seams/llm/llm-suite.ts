import { ok, rejects, strictEqual } from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.ts';
import type { LlmClient } from './llm-seam.ts';

const messages = [{ role: 'user', text: 'Say one word.' }] as const;

/** Behaviour of every implementation of {@link llmSeam}. It calls a model: with a real one it costs what that takes. */
export const llmSuite: readonly ConformanceCase<LlmClient>[] = [
	{
		name: 'C6 it says its name, the same each time',
		async run(llm) {
			const { name } = await llm.name();
			ok(name.length > 0);
			strictEqual((await llm.name()).name, name);
		},
	},
	{
		name: 'it completes a conversation with a text',
		async run(llm) {
			const { text } = await llm.complete({ messages, maxTokens: 16 });
			ok(text.length > 0, 'the answer has a text');
		},
	},
	{
		name: 'its stream comes in pieces that together are an answer',
		async run(llm) {
			let answer = '';
			for await (const { text } of llm.stream({ messages, maxTokens: 16 })) answer += text;
			ok(answer.length > 0, 'the pieces have a text');
		},
	},
	{
		name: 'whoever leaves a stream early is let go, and it answers on',
		async run(llm) {
			for await (const { text } of llm.stream({ messages, maxTokens: 16 })) {
				ok(typeof text === 'string');
				break;
			}
			await llm.complete({ messages, maxTokens: 16 });
		},
	},
	{
		name: 'a conversation without a message, and a role that is none, are refused',
		async run(llm) {
			await rejects(llm.complete({ messages: [] }), { code: 'invalid_arguments' });
			const wrong = [{ role: 'system', text: 'x' }] as never;
			await rejects(llm.complete({ messages: wrong }), { code: 'invalid_arguments' });
		},
	},
	{
		name: 'W6 a deadline that has passed stays one',
		async run(llm) {
			await rejects(llm.complete({ messages }, { timeoutMs: 0 }), { code: 'deadline_exceeded' });
		},
	},
];

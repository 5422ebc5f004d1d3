import { createPlugin, inputRequired, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

/** Stands in for a real library: the books, and how many copies are there. */
const books = new Map([
	['Emma', 2],
	['Moby Dick', 1],
	['Ulysses', 0],
]);

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('A small library, for agents.')
	.registerTool(
		'search',
		{
			description: 'Find books by a part of their title.',
			title: 'Search the library',
			input: z.object({ text: z.string().describe('A part of the title') }),
			// A client may call a tool that changes nothing without asking its user.
			annotations: { readOnlyHint: true },
			// Listed, so that a client knows what comes.
			outputSchema: {
				type: 'object',
				properties: { found: { type: 'array', items: { type: 'string' } } },
				required: ['found'],
			},
		},
		({ text }) => ({
			found: [...books.keys()].filter((title) => title.toLowerCase().includes(text.toLowerCase())),
		}),
	)
	.registerTool(
		'borrow',
		{
			description: 'Borrow a book. The user is asked first.',
			input: z.object({ title: z.string() }),
			annotations: { destructiveHint: false },
		},
		({ title }, ctx) => {
			const copies = books.get(title);
			if (!copies) {
				// The model reads code, message and hint, and may do better.
				throw new ToolError('not_available', `${title} is not there`, { hint: 'Search for another.' });
			}
			const answer = ctx.inputResponses.sure as { action?: string; content?: { sure?: boolean } } | undefined;
			if (!answer) {
				throw inputRequired({
					inputRequests: {
						sure: {
							method: 'elicitation/create',
							params: {
								mode: 'form',
								message: `Borrow ${title}?`,
								requestedSchema: {
									type: 'object',
									properties: { sure: { type: 'boolean' } },
									required: ['sure'],
								},
							},
						},
					},
				});
			}
			if (answer.action !== 'accept' || !answer.content?.sure) return 'Nothing was borrowed.';
			books.set(title, copies - 1);
			return `${title} is borrowed.`;
		},
	)
	.registerPrompt(
		'recommend',
		{
			description: 'Ask for a book to read.',
			arguments: [
				{ name: 'mood', description: 'How it should be', required: true, values: ['funny', 'long', 'sad'] },
			],
		},
		({ mood }) => `Recommend a ${mood} book of: ${[...books.keys()].join(', ')}.`,
	)
	.build();

import { createPlugin, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

/** What a review looks at. */
const checklists: Record<string, string[]> = {
	api: ['Is every name clear?', 'Are old callers still served?', 'Are errors documented?'],
	security: ['Is all input checked?', 'Are secrets kept out of logs?', 'Is access checked on every path?'],
	tests: ['Does every branch have a test?', 'Would a test fail if the code were wrong?'],
};

function checklistFor(focus: string): string[] {
	const checklist = checklists[focus];
	if (checklist) return checklist;
	throw new ToolError('focus_unknown', `there is no checklist for ${focus}`, {
		hint: `Try one of ${Object.keys(checklists).join(', ')}.`,
		details: { focus },
	});
}

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Helps to review code.')
	.registerPrompt(
		'review',
		{
			description: 'Asks for a review of some code.',
			// Prompt arguments are always text. Those that are required are checked, and never undefined below.
			arguments: [
				{ name: 'code', description: 'The code', required: true },
				{ name: 'focus', description: 'api, security or tests; api where it is left out' },
			],
		},
		({ code, focus = 'api' }) => [
			{
				role: 'user',
				content: `Review this code. Answer these questions:\n- ${checklistFor(focus).join('\n- ')}\n\n${code}`,
			},
			{ role: 'assistant', content: 'I will go through the questions one by one.' },
		],
	)
	.registerTool(
		'checklist',
		{
			description: 'The questions that a review answers.',
			input: z.object({ focus: z.string().default('api').describe('api, security or tests') }),
		},
		({ focus }) => ({ focus, questions: checklistFor(focus) }),
	)
	.build();

import type { ListedPrompt } from '../../runtime/client/listings.ts';
import { broken, type Check, notMade } from '../check.ts';
import { errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';

const roles = new Set(['user', 'assistant']);
const contents = new Set(['text', 'resource']);

function sampleOf(prompt: ListedPrompt): Record<string, string> {
	return Object.fromEntries(
		prompt.arguments.filter(({ required }) => required).map(({ name }) => [name, 'x']),
	);
}

export const promptChecks: readonly Check[] = [
	{
		number: 701,
		name: 'prompt-list',
		profile: 'core',
		why: 'Hosts ask every plugin for its prompts, also one that has none.',
		async run(subject) {
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, { listPrompts: {} });
			if (!last.listPrompts || errorCodeOf(last) !== undefined)
				return broken('a list of prompts, which may be empty', toldResponse(last));
			const names = (last.listPrompts.prompts ?? []).map(({ name }) => name ?? '');
			if (names.includes('')) return broken('a name for each prompt', 'a prompt without one');
			const twice = names.find((name, i) => names.indexOf(name) !== i);
			return twice ? broken('each prompt once', `${twice} twice`) : undefined;
		},
	},
	{
		number: 702,
		name: 'unknown-prompt',
		profile: 'full',
		why: 'A failure that is told as the description of an empty prompt is shown, and sent to a model, as if it were one.',
		goSdk: 'reports prompts that are missing, or fail, as the description of an empty prompt',
		async run(subject) {
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, {
				promptGet: { promptName: 'orchestra_conformance_no_such_prompt' },
			});
			if (errorCodeOf(last) === 'prompt_not_found') return undefined;
			return broken('an error with the code prompt_not_found', toldResponse(last));
		},
	},
	{
		number: 703,
		name: 'prompt-messages',
		profile: 'core',
		needs: 'calls',
		why: 'Models take messages of these roles and kinds only.',
		async run(subject) {
			const { connection, prompts } = await subject.instance();
			const filled: string[] = [];
			for (const prompt of prompts) {
				const { last } = await exchange(connection, {
					promptGet: { promptName: prompt.name, arguments: sampleOf(prompt) },
				});
				const messages = last.promptGet?.messages ?? [];
				// It may not like what was made up for its arguments.
				if (messages.length === 0) continue;
				filled.push(prompt.name);
				for (const { role = '', content } of messages) {
					if (!roles.has(role))
						return broken('the role user or assistant', `${JSON.stringify(role)} in ${prompt.name}`);
					if (!contents.has(content?.type ?? ''))
						return broken(
							'content of type text or resource',
							`${JSON.stringify(content?.type ?? '')} in ${prompt.name}`,
						);
				}
			}
			return filled.length > 0 || prompts.length === 0
				? undefined
				: notMade('no prompt took the arguments that were made up');
		},
	},
	{
		number: 704,
		name: 'prompt-arguments',
		profile: 'full',
		needs: 'calls',
		why: 'A prompt with a hole in it reaches a model unnoticed.',
		goSdk: 'does not check the arguments of prompts',
		async run(subject) {
			const { connection, prompts } = await subject.instance();
			const demanding = prompts.find((prompt) => prompt.arguments.some(({ required }) => required));
			if (!demanding) return notMade('it has no prompt that requires an argument');
			const { last } = await exchange(connection, {
				promptGet: { promptName: demanding.name, arguments: {} },
			});
			if (errorCodeOf(last) === 'invalid_arguments') return undefined;
			return broken(`invalid_arguments for ${demanding.name} without arguments`, toldResponse(last));
		},
	},
];

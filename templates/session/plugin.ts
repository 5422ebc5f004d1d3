import { createPlugin } from 'orchestra-toolchain';

/** What is expensive is made once, here, and shared by all sessions. */
const hints = new Map([
	['test', 'Run the tests before you say that it works.'],
	['delete', 'Ask before you delete anything.'],
]);

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Gives a hint before a turn, keeps notes in each session, and guards its tools.')
	.registerSessionPlugin({
		id: 'notes',
		// Called for each session: it waits for nothing, and returns at once.
		build(session) {
			const notes: string[] = [];
			return {
				register(registrar) {
					registrar.hook('before_turn', ({ prompt }) => {
						const found = [...hints].filter(([word]) => String(prompt).includes(word));
						return { messages: found.map(([, content]) => ({ role: 'system', content })) };
					});
					registrar.hook('before_tool_call', ({ tool, arguments: args }) => {
						if (tool !== 'note' || JSON.stringify(args).length < 1000) return undefined;
						return { abort: { code: 'note_too_long', message: 'a note has less than 1000 characters' } };
					});
					registrar.tool<{ text: string }>(
						'note',
						{
							description: 'Keeps a note for this session.',
							input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
						},
						({ text }) => ({ kept: notes.push(text), in: session.workingDirectory }),
					);
					registrar.query('notes', { description: 'The notes of this session.' }, () => [...notes]);
				},
				// What is kept where the session rests, or the plugin is started anew.
				snapshot: () => ({ revision: notes.length, state: [...notes] }),
				restore(state) {
					if (Array.isArray(state)) notes.push(...state.map(String));
				},
			};
		},
	})
	.build();

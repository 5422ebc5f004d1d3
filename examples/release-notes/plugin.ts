import { createPlugin } from 'orchestra-toolchain';

interface Release {
	version: string;
	changes: string;
	audience?: string;
}

function question({ version, changes, audience = 'users' }: Release): string {
	return `Write the release notes of version ${version} for ${audience}. What changed:\n${changes}`;
}

export default createPlugin('release-notes')
	.version('1.0.0')
	.description('Asks for release notes: an example of a prompt.')
	.registerPrompt(
		'release_notes',
		{
			description: 'Asks for the release notes of a version.',
			arguments: [
				{ name: 'version', description: 'The version', required: true },
				{ name: 'changes', description: 'What changed, one change a line', required: true },
				{ name: 'audience', description: 'Who reads them; users where it is left out' },
			],
		},
		(args) => [
			{ role: 'user', content: question(args) },
			{ role: 'assistant', content: 'I will begin with what matters most to them.' },
		],
	)
	// A plain JSON Schema does as well as a schema library; the type says what it lets through.
	.registerTool<Release>(
		'release_notes_prompt',
		{
			description: 'The text of the prompt release_notes.',
			input: {
				type: 'object',
				properties: {
					version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$', description: 'The version' },
					changes: { type: 'string', minLength: 1, description: 'What changed' },
					audience: {
						type: 'string',
						enum: ['users', 'developers'],
						default: 'users',
						description: 'Who reads them',
					},
				},
				required: ['version', 'changes'],
				additionalProperties: false,
			},
		},
		question,
	)
	.build();

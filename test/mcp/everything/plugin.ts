// A plugin with what the official conformance kit of MCP asks a server for, by the names that it uses.
import { setTimeout as sleep } from 'node:timers/promises';
import { createPlugin, type InputRequest, inputRequired, type ToolContext } from 'orchestra-toolchain';

/** A PNG of one red pixel, and a WAV of eight samples of silence. */
const png =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const wav = 'UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==';

const text = (words: string) => ({ type: 'text', text: words });
const image = { type: 'image', data: png, mimeType: 'image/png' };

const resources: Record<string, { mimeType: string; content: Uint8Array }> = {
	'test://static-text': {
		mimeType: 'text/plain',
		content: Buffer.from('This is the content of the static text resource.'),
	},
	'test://static-binary': { mimeType: 'image/png', content: Buffer.from(png, 'base64') },
	'test://watched-resource': { mimeType: 'text/plain', content: Buffer.from('Watched.') },
};

const form = (
	message: string,
	properties: Record<string, unknown>,
	required = Object.keys(properties),
): InputRequest => ({
	method: 'elicitation/create',
	params: { mode: 'form', message, requestedSchema: { type: 'object', properties, required } as never },
});

const sample = (words: string, maxTokens = 100): InputRequest => ({
	method: 'sampling/createMessage',
	params: { messages: [{ role: 'user', content: text(words) }], maxTokens },
});

const roots: InputRequest = { method: 'roots/list', params: {} };

/** The answers of a call, all of them there; asks for them where one is missing. */
function answers(
	ctx: Pick<ToolContext, 'inputResponses'>,
	inputRequests: Record<string, InputRequest>,
	requestState?: string,
) {
	const given = ctx.inputResponses as Record<string, { action?: string; content?: Record<string, unknown> }>;
	if (Object.keys(inputRequests).every((key) => typeof given[key] === 'object')) return given;
	throw inputRequired({ inputRequests, ...(requestState === undefined ? {} : { requestState }) });
}

const plugin = createPlugin('everything').version('1.0.0').description('Everything that MCP has.');

plugin
	.registerTool(
		'test_simple_text',
		{ description: 'A text.', annotations: { readOnlyHint: true } },
		() => 'This is a simple text response for testing.',
	)
	.registerTool('test_image_content', { description: 'An image.' }, () => ({ content: [image] }))
	.registerTool('test_audio_content', { description: 'A sound.' }, () => ({
		content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
	}))
	.registerTool('test_embedded_resource', { description: 'A resource within the result.' }, () => ({
		content: [
			{
				type: 'resource',
				resource: {
					uri: 'test://embedded-resource',
					mimeType: 'text/plain',
					text: 'This is an embedded resource content.',
				},
			},
		],
	}))
	.registerTool('test_multiple_content_types', { description: 'Blocks of several types.' }, () => ({
		content: [
			text('Multiple content types test:'),
			image,
			{
				type: 'resource',
				resource: {
					uri: 'test://mixed-content-resource',
					mimeType: 'application/json',
					text: '{"test":"data","value":123}',
				},
			},
		],
	}))
	.registerTool('test_tool_with_logging', { description: 'Logs.' }, async (_args, ctx) => {
		ctx.log.info('Tool execution started');
		await sleep(50);
		ctx.log.info('Tool processing data');
		await sleep(50);
		ctx.log.info('Tool execution completed');
		return 'logged three times';
	})
	.registerTool('test_error_handling', { description: 'Fails.' }, () => {
		throw new Error('This tool intentionally returns an error for testing');
	})
	.registerTool('test_tool_with_progress', { description: 'Says how far it is.' }, async (_args, ctx) => {
		for (const progress of [0, 50, 100]) {
			ctx.progress(progress, 100, `${progress} of 100`);
			await sleep(60);
		}
		return 'done';
	})
	.registerTool(
		'test_sampling',
		{
			description: 'Asks the model.',
			input: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
		},
		(args, ctx) => {
			const { answer } = answers(ctx, { answer: sample(String(args.prompt)) }) as Record<
				string,
				{ content?: { text?: string } }
			>;
			return `LLM response: ${answer?.content?.text}`;
		},
	)
	.registerTool(
		'test_elicitation',
		{
			description: 'Asks the user.',
			input: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
		},
		(args, ctx) => {
			const asked = form(String(args.message), {
				username: { type: 'string', description: "User's response" },
				email: { type: 'string', description: "User's email address" },
			});
			const { user } = answers(ctx, { user: asked });
			return `User response: action=${user?.action}, content=${JSON.stringify(user?.content)}`;
		},
	)
	.registerTool(
		'test_elicitation_sep1034_defaults',
		{ description: 'Asks, with defaults.' },
		(_args, ctx) => {
			const asked = form(
				'Fill this in',
				{
					name: { type: 'string', default: 'John Doe' },
					age: { type: 'integer', default: 30 },
					score: { type: 'number', default: 95.5 },
					status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
					verified: { type: 'boolean', default: true },
				},
				[],
			);
			const { form: user } = answers(ctx, { form: asked });
			return `Elicitation completed: action=${user?.action}, content=${JSON.stringify(user?.content)}`;
		},
	)
	.registerTool('test_elicitation_sep1330_enums', { description: 'Asks, to choose.' }, (_args, ctx) => {
		const titled = (values: string[], titles: string[]) =>
			values.map((value, index) => ({ const: value, title: titles[index] }));
		const asked = form(
			'Choose',
			{
				untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
				titledSingle: {
					type: 'string',
					oneOf: titled(['value1', 'value2', 'value3'], ['First Option', 'Second Option', 'Third Option']),
				},
				legacyEnum: {
					type: 'string',
					enum: ['opt1', 'opt2', 'opt3'],
					enumNames: ['Option One', 'Option Two', 'Option Three'],
				},
				untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
				titledMulti: {
					type: 'array',
					items: {
						anyOf: titled(['value1', 'value2', 'value3'], ['First Choice', 'Second Choice', 'Third Choice']),
					},
				},
			},
			[],
		);
		const { form: user } = answers(ctx, { form: asked });
		return `Elicitation completed: action=${user?.action}, content=${JSON.stringify(user?.content)}`;
	})
	.registerTool(
		'test_input_required_result_elicitation',
		{ description: 'Asks for a name.' },
		(_args, ctx) => {
			const asked = form('What is your name?', { name: { type: 'string' } });
			const { user_name: user } = answers(ctx, { user_name: asked });
			if (typeof user?.content?.name !== 'string')
				throw inputRequired({ inputRequests: { user_name: asked } });
			return `Hello, ${user.content.name}!`;
		},
	)
	.registerTool('test_input_required_result_sampling', { description: 'Asks the model.' }, (_args, ctx) => {
		const { capital_question: answer } = answers(ctx, {
			capital_question: sample('What is the capital of France?'),
		});
		return `The model says ${JSON.stringify(answer?.content)}`;
	})
	.registerTool('test_input_required_result_list_roots', { description: 'Asks for roots.' }, (_args, ctx) => {
		const { client_roots: answer } = answers(ctx, { client_roots: roots });
		return `The roots are ${JSON.stringify((answer as { roots?: unknown }).roots)}`;
	})
	.registerTool(
		'test_input_required_result_request_state',
		{ description: 'Gives something along.' },
		(_args, ctx) => {
			answers(ctx, { confirm: form('Please confirm', { ok: { type: 'boolean' } }) }, 'given along');
			return ctx.requestState === 'given along' ? 'state-ok' : 'another state came back';
		},
	)
	.registerTool(
		'test_input_required_result_tampered_state',
		{ description: 'Gives something along.' },
		(_args, ctx) => {
			answers(ctx, { confirm: form('Please confirm', { ok: { type: 'boolean' } }) }, 'sealed');
			return 'state-ok';
		},
	)
	.registerTool(
		'test_input_required_result_multiple_inputs',
		{ description: 'Asks for several things.' },
		(_args, ctx) => {
			const given = answers(
				ctx,
				{
					user_name: form('What is your name?', { name: { type: 'string' } }),
					greeting: sample('Generate a greeting', 50),
					client_roots: roots,
				},
				'several',
			);
			return `${JSON.stringify(given)}`;
		},
	)
	.registerTool('test_input_required_result_multi_round', { description: 'Asks twice.' }, (_args, ctx) => {
		if (ctx.requestState !== 'second') {
			if (!ctx.inputResponses.step1) {
				throw inputRequired({
					inputRequests: { step1: form('Step 1: What is your name?', { name: { type: 'string' } }) },
					requestState: 'first',
				});
			}
			throw inputRequired({
				inputRequests: { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
				requestState: 'second',
			});
		}
		answers(
			ctx,
			{ step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
			'second',
		);
		return 'asked twice';
	})
	.registerTool(
		'test_input_required_result_capabilities',
		{ description: 'Asks for what a client may not be able to do.' },
		(_args, ctx) => {
			const given = answers(ctx, { ask: sample('Say something') });
			return JSON.stringify(given);
		},
	)
	.registerTool('test_missing_capability', { description: 'Asks the model.' }, (_args, ctx) => {
		answers(ctx, { ask: sample('Say something') });
		return 'answered';
	})
	.registerTool(
		'test_streaming_elicitation',
		{ description: 'Asks while its client hears progress.' },
		(_args, ctx) => {
			ctx.progress(1, 2);
			const { user } = answers(ctx, { user: form('Go on?', { ok: { type: 'boolean' } }) });
			return `went on: ${user?.action}`;
		},
	)
	.registerTool('test_logging_tool', { description: 'Logs.' }, (_args, ctx) => {
		ctx.log.info('logged');
		return 'logged';
	})
	.registerTool('greet', { description: 'Greets.' }, ({ name }) => `Hello, ${name}!`)
	.registerTool('slow_compute', { description: 'Takes its time.' }, async ({ seconds, label }, ctx) => {
		ctx.progress(0, 1, `computing ${label}`);
		await sleep(Number(seconds) * 1000, undefined, { signal: ctx.signal });
		return `computed ${label}`;
	})
	.registerTool('failing_job', { description: 'Fails after a second.' }, async () => {
		await sleep(1_000);
		throw new Error('the job failed');
	})
	.registerTool('protocol_error_job', { description: 'Asks for what nobody can answer.' }, async () => {
		await sleep(600);
		throw inputRequired({ inputRequests: { nothing: { method: 'no/such/method' } } });
	})
	.registerTool('confirm_delete', { description: 'Looks, then asks.' }, async (_args, ctx) => {
		await sleep(600);
		const { sure } = answers(ctx, { sure: form('Delete it?', { confirm: { type: 'boolean' } }) });
		return `deleted: ${sure?.content?.confirm}`;
	})
	.registerTool('multi_input', { description: 'Asks for two things.' }, async (_args, ctx) => {
		if (!ctx.inputResponses.first) await sleep(600);
		const name = { name: { type: 'string' } };
		const given = answers(ctx, { first: form('First?', name), second: form('Second?', name) });
		return `${given.first?.content?.name} and ${given.second?.content?.name}`;
	})
	.registerTool('test_tool_with_task', { description: 'Asks, then takes its time.' }, async (_args, ctx) => {
		const { user_name: user } = answers(ctx, { user_name: form('Who?', { name: { type: 'string' } }) });
		await sleep(800);
		return `Hello, ${user?.content?.name}!`;
	})
	.registerStreamingTool('count_slowly', { description: 'Counts.' }, async function* () {
		for (const number of [1, 2, 3]) {
			yield `${number}\n`;
			await sleep(20);
		}
	})
	.registerPrompt(
		'test_simple_prompt',
		{ description: 'A text.' },
		() => 'This is a simple prompt for testing.',
	)
	.registerPrompt(
		'test_prompt_with_arguments',
		{
			description: 'A text with arguments.',
			arguments: [
				{
					name: 'arg1',
					required: true,
					description: 'First test argument',
					values: ['paris', 'park', 'party'],
				},
				{ name: 'arg2', required: true, description: 'Second test argument' },
			],
		},
		({ arg1, arg2 }) => `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`,
	)
	.registerPrompt(
		'test_prompt_with_embedded_resource',
		{ description: 'A resource.', arguments: [{ name: 'resourceUri', required: true }] },
		({ resourceUri }) => [
			{
				role: 'user',
				content: {
					type: 'resource',
					resource: {
						uri: resourceUri,
						mimeType: 'text/plain',
						text: 'Embedded resource content for testing.',
					},
				},
			},
			{ role: 'user', content: 'Please process the embedded resource above.' },
		],
	)
	.registerPrompt('test_prompt_with_image', { description: 'An image.' }, () => [
		{ role: 'user', content: image },
		{ role: 'user', content: 'Please analyze the image above.' },
	])
	.registerPrompt('test_input_required_result_prompt', { description: 'Asks first.' }, (_args, ctx) => {
		const { user_context: user } = answers(ctx, {
			user_context: form('What context should the prompt use?', { context: { type: 'string' } }),
		});
		return `The context is ${user?.content?.context}`;
	})
	.providesStorage('uri:test')
	.setStorageHandler({
		read({ path }) {
			const found = resources[path] ?? templated(path);
			if (!found) return undefined;
			return { content: found.content, metadata: { mimeType: found.mimeType }, version: 1 };
		},
		list: () =>
			Object.entries(resources).map(([path, { content }]) => ({ path, size: content.length, version: 1 })),
		write() {
			throw new Error('these resources can only be read');
		},
		delete() {
			throw new Error('these resources can only be read');
		},
	});

function templated(path: string): { mimeType: string; content: Uint8Array } | undefined {
	const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(path) ?? [];
	if (id === undefined) return undefined;
	const json = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
	return { mimeType: 'application/json', content: Buffer.from(json) };
}

export default plugin.build();

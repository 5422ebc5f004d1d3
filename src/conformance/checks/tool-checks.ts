import type { ListedTool } from '../../runtime/client/listings.ts';
import { compileSchema } from '../../runtime/plugin/input/schema-compiler.ts';
import { encodeRequestFrame } from '../../runtime/wire/frame.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import { broken, type Check, notMade } from '../check.ts';
import { openRawLink } from '../raw/open-raw-link.ts';
import { answerMs, errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';
import { wrongArguments } from '../subject/sample-arguments.ts';
import type { Instance } from '../subject/subject.ts';

const unknownName = 'orchestra_conformance_no_such_tool';

/** Requests that are sent at the same time. */
const together = 50;

/** Sends a tool arguments that its schema does not allow; undefined where it allows all. */
async function wrongCall(instance: Instance, tool: ListedTool): Promise<PluginResponse | undefined> {
	const args = await wrongArguments(tool.inputSchema);
	if (!args) return undefined;
	const { last } = await exchange(
		instance.connection,
		tool.streaming
			? { streamStart: { streamId: `wrong-${tool.name}`, toolName: tool.name, arguments: args } }
			: { toolCall: { toolName: tool.name, arguments: args } },
	);
	return last;
}

export const toolChecks: readonly Check[] = [
	{
		number: 301,
		name: 'tool-names',
		profile: 'core',
		why: 'A tool is called by its name, and chosen, often by a model, by its description.',
		async run(subject) {
			const names = new Set<string>();
			for (const { name, description } of (await subject.instance()).tools) {
				if (name === '') return broken('a name for each tool', 'a tool without one');
				if (names.has(name)) return broken('each tool once', `${name} twice`);
				if (description === '') return broken('a description of each tool', `none of ${name}`);
				names.add(name);
			}
			return undefined;
		},
	},
	{
		number: 302,
		name: 'tool-schemas',
		profile: 'core',
		why: 'Callers check, complete and draw forms by the schema.',
		async run(subject) {
			for (const { name, inputSchema } of (await subject.instance()).tools) {
				const { type } = inputSchema;
				if (type !== undefined && type !== 'object')
					return broken(
						'a JSON Schema of an object for each tool',
						`${name} has one of type ${JSON.stringify(type)}`,
					);
				try {
					await compileSchema(inputSchema);
				} catch (error) {
					return broken('a valid JSON Schema for each tool', `that of ${name} is not: ${messageOf(error)}`);
				}
			}
			return undefined;
		},
	},
	{
		number: 303,
		name: 'tools-in-order',
		profile: 'full',
		why: 'A list that changes its order with each request looks like a change, and moves under the eyes of who reads it.',
		goSdk: 'lists its tools in another order each time',
		async run(subject) {
			const { connection } = await subject.instance();
			const orders = new Set<string>();
			for (let i = 0; i < 8; i++) {
				const { last } = await exchange(connection, { listTools: {} });
				orders.add((last.listTools?.tools ?? []).map(({ name }) => name).join(', '));
			}
			if (orders.size === 1) return undefined;
			return broken('the same order each time', [...orders].slice(0, 2).join('; then '));
		},
	},
	{
		number: 304,
		name: 'arguments-refused',
		profile: 'full',
		needs: 'calls',
		why: 'A handler that gets what its schema forbids fails somewhere in the middle of its work, or does something else.',
		goSdk: 'does not check arguments against the schema',
		async run(subject) {
			const instance = await subject.instance();
			const accepted: string[] = [];
			for (const tool of instance.tools) {
				const answer = await wrongCall(instance, tool);
				const code = answer && errorCodeOf(answer);
				// It streams, and does not say so: another check tells.
				if (!answer || code === 'invalid_arguments' || code === 'tool_not_found') continue;
				accepted.push(`${tool.name}: ${toldResponse(answer)}`);
			}
			if (accepted.length === 0) return undefined;
			return broken(
				'invalid_arguments for what the schema of a tool does not allow',
				accepted.slice(0, 3).join('; '),
			);
		},
	},
	{
		number: 305,
		name: 'streaming-marked',
		profile: 'full',
		needs: 'calls',
		why: 'A caller has to know how to call a tool before it does.',
		goSdk: 'does not say which tools stream',
		async run(subject) {
			const instance = await subject.instance();
			for (const tool of instance.tools) {
				if (tool.streaming) continue;
				const answer = await wrongCall(instance, tool);
				const code = answer && errorCodeOf(answer);
				if (code === 'tool_not_found' || code === 'tool_is_streaming')
					return broken(
						`that ${tool.name} is listed as streaming`,
						`a unary call of it is answered with ${code}`,
					);
			}
			return undefined;
		},
	},
	{
		number: 306,
		name: 'unknown-tool',
		profile: 'core',
		why: 'A caller tells a tool that is not there from one that failed.',
		async run(subject) {
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, { toolCall: { toolName: unknownName, arguments: {} } });
			if (last.toolCall && errorCodeOf(last) === 'tool_not_found') return undefined;
			return broken('a failed tool_call with the code tool_not_found', toldResponse(last));
		},
	},
	{
		number: 307,
		name: 'unknown-request',
		profile: 'core',
		why: 'Hosts find out by it which extensions a plugin understands; one that falls silent makes each start wait.',
		async run(subject) {
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, {});
			if (errorCodeOf(last) === 'unknown_request') return undefined;
			return broken('a failed tool_call with the code unknown_request', toldResponse(last));
		},
	},
	{
		number: 308,
		name: 'request-ids',
		profile: 'core',
		why: 'Over TCP an answer finds its caller by nothing else.',
		async run(subject) {
			const { address, identity } = await subject.instance();
			if (address.carrier === 'tcp+plain') return notMade('raw bytes are sent over QUIC and TCP only');
			const requestId = 'conformance-ä-1';
			await using link = await openRawLink({ address, identity, timeoutMs: answerMs });
			link.write(encodeRequestFrame({ requestId, health: {} }));
			const answer = await link.next(answerMs);
			if (answer?.requestId === requestId) return undefined;
			return broken(`the request_id of the request, ${requestId}`, JSON.stringify(answer?.requestId ?? ''));
		},
	},
	{
		number: 309,
		name: 'side-by-side',
		profile: 'core',
		why: 'One slow call must not hold up all others.',
		async run(subject) {
			const { connection } = await subject.instance();
			const asked = Array.from({ length: together }, () => exchange(connection, { health: {} }));
			const answers = await Promise.allSettled(asked);
			for (const answer of answers) {
				const failed =
					answer.status === 'rejected' ? messageOf(answer.reason) : errorCodeOf(answer.value.last);
				if (failed !== undefined) return broken(`answers to ${together} requests at once`, failed);
			}
			return undefined;
		},
	},
	{
		number: 310,
		name: 'health',
		profile: 'core',
		why: 'Supervisors restart what does not say that it is well.',
		async run(subject) {
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, { health: {} });
			if (last.health?.status === 1) return undefined;
			return broken('a health of STATUS_HEALTHY right after its start', toldResponse(last));
		},
	},
	{
		number: 311,
		name: 'unary-result',
		profile: 'core',
		needs: 'calls',
		why: 'Every caller reads the result as an object.',
		async run(subject) {
			const call = await subject.callOf('unary');
			if (!call) return notMade('no case says how a tool can be called');
			const { connection } = await subject.instance();
			const { last } = await exchange(connection, {
				toolCall: { toolName: call.tool, arguments: call.args },
			});
			if (last.toolCall?.success && errorCodeOf(last) === undefined) return undefined;
			return broken(`success of ${call.tool}, as its case says`, toldResponse(last));
		},
	},
];

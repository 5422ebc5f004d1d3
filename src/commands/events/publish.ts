import { Args } from '@oclif/core';
import { administrationFlags, withServer } from '../../cli/administered.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { chosenTrace } from '../../cli/chosen-trace.ts';
import { parseExactJson } from '../../cli/exact-json.ts';
import { visibleLine } from '../../cli/visible-text.ts';
import { assertTopic } from '../../runtime/events/topic-pattern.ts';
import { eventsServiceDefinition } from '../../runtime/services/events-service.ts';
import { serviceClient } from '../../runtime/services/service-client.ts';
import { isObject, type JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class EventsPublish extends BaseCommand {
	static override summary = 'Publish an event through a running server.';
	static override description =
		'Its source is the name on the certificate that this command uses. It resolves when the server has taken the event, not when ' +
		'somebody has heard it.';
	static override examples = [
		`<%= config.bin %> events publish weather.oslo changed '{"city":"Oslo","degrees":21}'`,
		'<%= config.bin %> events publish deploy.done finished --address tcp://127.0.0.1:50101',
	];
	static override args = {
		topic: Args.string({ description: 'The topic, such as weather.oslo.', required: true }),
		type: Args.string({ description: 'What kind of event it is.', required: true }),
		payload: Args.string({ description: 'A JSON object. [default: none]' }),
	};
	static override flags = administrationFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(EventsPublish);
		const { topic, type: eventType } = args;
		assertTopic(topic);
		assertType(eventType);
		const payload = readPayload(args.payload);
		return withServer(flags, async ({ connection, signal, timeoutMs }) => {
			const service = serviceClient(eventsServiceDefinition, connection, { traceParent: chosenTrace() });
			const event = await service.publish(
				{ topic, eventType, ...(payload ? { payload } : {}) },
				{ signal, timeoutMs },
			);
			return this.result(
				{ ...event, time: new Date(event.time) },
				() => `published ${visibleLine(event.topic)} as ${visibleLine(event.id)}`,
			);
		});
	}
}

/** A type such as `x=1` was meant as an argument of a tool: the event would go out without a payload. @throws OrchestraError `usage` */
function assertType(type: string): void {
	const [, name = '', colon = '', value = ''] = /^([A-Za-z_]\w*)(:?)=(.*)$/s.exec(type) ?? [];
	if (name === '') {
		if (!/^\s*[{[]/.test(type)) return;
		throw new OrchestraError('usage', 'an event has a type before its payload', {
			hint: `Write the type between: orchestra events publish TOPIC TYPE '{"value":…}'.`,
		});
	}
	const shown = colon ? value : JSON.stringify(value);
	throw new OrchestraError('usage', `${JSON.stringify(type)} is no type of an event`, {
		hint: `Behind the topic comes the type, then the payload as JSON: orchestra events publish TOPIC TYPE '{"${name}":${shown}}'.`,
	});
}

/** @throws OrchestraError `usage` */
function readPayload(text: string | undefined): JsonObject | undefined {
	if (text === undefined) return undefined;
	const value = parseExactJson(text, 'the value of the payload');
	if (isObject(value)) return value;
	throw new OrchestraError('usage', 'the payload of an event is a JSON object', {
		hint: `Write it as '{"value":…}'.`,
	});
}

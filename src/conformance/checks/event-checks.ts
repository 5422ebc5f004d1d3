import { broken, type Check } from '../check.ts';
import { errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';

const topic = 'orchestra.conformance';

export const eventChecks: readonly Check[] = [
	{
		number: 901,
		name: 'event-acknowledged',
		profile: 'core',
		why: 'A host takes an event for delivered when it is acknowledged; one that is not keeps its place in the queue.',
		async run(subject) {
			const { connection } = await subject.instance();
			const publish = {
				topic,
				eventType: 'test',
				payload: { by: 'conformance' },
				sourcePlugin: 'orchestrator',
			};
			const { last } = await exchange(connection, { publish });
			return errorCodeOf(last) === undefined ? undefined : broken('an acknowledgement', toldResponse(last));
		},
	},
	{
		number: 902,
		name: 'subscriptions-acknowledged',
		profile: 'core',
		why: 'A host waits for the answer before it says that the subscription stands.',
		async run(subject) {
			const { connection } = await subject.instance();
			const subscriptionId = 'conformance';
			const subscribed = await exchange(connection, { subscribe: { subscriptionId, topic } });
			if (errorCodeOf(subscribed.last) !== undefined)
				return broken('an acknowledgement of subscribe', toldResponse(subscribed.last));
			const { last } = await exchange(connection, { unsubscribe: { subscriptionId } });
			return errorCodeOf(last) === undefined
				? undefined
				: broken('an acknowledgement of unsubscribe', toldResponse(last));
		},
	},
];

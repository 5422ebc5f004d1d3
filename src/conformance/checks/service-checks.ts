import { broken, type Check } from '../check.ts';
import { errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';

export const serviceChecks: readonly Check[] = [
	{
		number: 1001,
		name: 'unknown-service',
		profile: 'full',
		why: 'A host asks which services a plugin has by calling them.',
		goSdk: 'does not know services',
		async run(subject) {
			const { connection } = await subject.instance();
			const serviceCall = {
				service: 'orchestra.conformance.none',
				version: 1,
				method: 'none',
				arguments: {},
			};
			const { last } = await exchange(connection, { serviceCall });
			if (errorCodeOf(last) === 'service_not_found') return undefined;
			return broken('an error with the code service_not_found', toldResponse(last));
		},
	},
];

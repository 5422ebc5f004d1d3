import type { SeamTransport } from '../services/seam-transport.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { checkValue } from './check-value.ts';
import type { Seam } from './seam.ts';
import type { SeamCallOptions, SeamClient, SeamMethod, SeamMethods } from './seam-method.ts';

type Bound = (...args: unknown[]) => Promise<JsonObject> | AsyncIterable<JsonObject>;

/**
 * A typed client of a seam. Its methods reject as {@link SeamTransport} says, and with `invalid_response` where the plugin answers what
 * does not fit the schema.
 */
export function seamClient<Methods extends SeamMethods>(
	seam: Seam<Methods>,
	transport: SeamTransport,
): SeamClient<Methods> {
	const bound = transport.bind(seam.service) as unknown as Readonly<Record<string, Bound>>;
	const methods = Object.entries<SeamMethod>(seam.methods).map(([name, method]) => [
		name,
		clientMethod(`${seam.name}.${name}`, method, bound[name] as Bound, transport.peer),
	]);
	return Object.fromEntries(methods) as SeamClient<Methods>;
}

function clientMethod(subject: string, { kind = 'unary', output }: SeamMethod, bound: Bound, peer: string) {
	const checked = (value: unknown) =>
		checkValue(output, value, (faults) => {
			const [first] = faults;
			const what = first ? `${first.pointer} ${first.message}`.trim() : 'it does not fit';
			return new OrchestraError(
				'invalid_response',
				`${peer} answered ${subject} with what it cannot be: ${what}`,
				{
					hint: 'The plugin and its host may have different definitions of the same version: report it to its author.',
					details: { subject, faults: faults.slice(0, 32).map((fault) => ({ ...fault })) },
				},
			);
		});
	const readResult = async (result: Promise<JsonObject>) => {
		const value = await result;
		return output ? checked(value) : undefined;
	};
	async function* readItems(items: AsyncIterable<JsonObject>) {
		for await (const item of items) yield await checked(item);
		return undefined;
	}
	switch (kind) {
		case 'unary':
			return (value: JsonObject = {}, options?: SeamCallOptions) =>
				readResult(bound(value, options) as Promise<JsonObject>);
		case 'client_stream':
			return (items: unknown, options?: SeamCallOptions) =>
				readResult(bound({}, items, options) as Promise<JsonObject>);
		case 'server_stream':
			return (value: JsonObject = {}, options?: SeamCallOptions) =>
				readItems(bound(value, options) as AsyncIterable<JsonObject>);
		case 'bidirectional':
			return (items: unknown, options?: SeamCallOptions) =>
				readItems(bound({}, items, options) as AsyncIterable<JsonObject>);
	}
}

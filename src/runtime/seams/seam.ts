import { invalidArguments } from '../plugin/input/fault.ts';
import type { ServableSeam } from '../services/servable-seam.ts';
import {
	defineService,
	type MethodDefinition,
	type ServiceDefinition,
} from '../services/service-definition.ts';
import {
	type ServedService,
	type ServiceContext,
	type ServiceHandlers,
	serveService,
} from '../services/service-server.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { checkValue } from './check-value.ts';
import type { SeamImplementation, SeamMethod, SeamMethods } from './seam-method.ts';

/**
 * A typed interface whose implementation may sit in this process or in another, without its user knowing. A plugin serves it with
 * `provideSeam`; a host gets a client of it from {@link loadSeam}.
 */
export interface Seam<Methods extends SeamMethods = SeamMethods>
	extends ServableSeam<SeamImplementation<Methods>> {
	readonly methods: Methods;
	/** The same as a service: what crosses. */
	readonly service: ServiceDefinition;
}

/** Parts of a seam. */
export interface SeamOptions<Methods extends SeamMethods> {
	/** Version, from 1. It grows when a method changes in a way that an older side would not survive. */
	readonly version: number;
	readonly methods: Methods;
}

const namePattern = /^[a-z][a-z0-9_.-]{0,63}$/i;

/**
 * Defines a seam: its name, one version, and its methods with the schemas of what they take and give (zod, valibot, arktype, or
 * {@link jsonSchema}).
 *
 * @example
 * import { defineSeam } from 'orchestra-toolchain/seams';
 * import { z } from 'zod';
 *
 * const clock = defineSeam('clock', { version: 1, methods: { now: { output: z.object({ time: z.number() }) } } });
 * @throws OrchestraError `invalid_schema` for a name, a version or a method that cannot be
 */
export function defineSeam<const Methods extends SeamMethods>(
	name: string,
	{ version, methods }: SeamOptions<Methods>,
): Seam<Methods> {
	if (!namePattern.test(name) || name.startsWith('orchestra.')) {
		throw new OrchestraError('invalid_schema', `a seam cannot be named ${JSON.stringify(name)}`, {
			hint: 'Take letters, digits, "_", "-" and ".", a letter first, and nothing that begins with "orchestra.".',
		});
	}
	if (!Number.isSafeInteger(version) || version < 1) {
		throw new OrchestraError('invalid_schema', `the version of the seam ${name} is ${version}`, {
			hint: 'Count versions from 1.',
		});
	}
	const kinds = Object.entries(methods).map(
		([method, { kind = 'unary' }]): [string, MethodDefinition<JsonObject, JsonObject>] => [method, { kind }],
	);
	const service = defineService(name, version, Object.fromEntries(kinds));
	return {
		name,
		version,
		methods,
		service,
		serve: (implementation) => serveSeam(service, methods, implementation),
	};
}

type Implemented = (input: unknown, context: ServiceContext) => unknown;

function serveSeam(
	service: ServiceDefinition,
	methods: SeamMethods,
	implementation: Readonly<Record<string, unknown>>,
): ServedService {
	const handlers = Object.entries(methods).map(([name, method]) => {
		const run = implementation?.[name];
		if (typeof run !== 'function') {
			throw new OrchestraError(
				'invalid_plugin',
				`the implementation of the seam ${service.name} has no function ${name}`,
				{
					hint: `Its methods are ${Object.keys(methods).join(', ')}.`,
				},
			);
		}
		const implemented: Implemented = (input, context) => run.call(implementation, input, context);
		return [name, handlerOf(`${service.name}.${name}`, method, implemented)];
	});
	return serveService(service, Object.fromEntries(handlers) as ServiceHandlers<ServiceDefinition['methods']>);
}

/** Handler of a method on the wire: it checks the message, and runs the implementation. */
function handlerOf(subject: string, { kind = 'unary', input }: SeamMethod, run: Implemented) {
	const checked = (value: unknown) => checkValue(input, value, (faults) => invalidArguments(subject, faults));
	async function* checkedItems(items: AsyncIterable<JsonObject>) {
		for await (const item of items) yield await checked(item);
	}
	if (kind === 'unary')
		return async (args: JsonObject, context: ServiceContext) =>
			resultOf(await run(await checked(args), context));
	if (kind === 'client_stream') {
		return async (_: JsonObject, items: AsyncIterable<JsonObject>, context: ServiceContext) =>
			resultOf(await run(checkedItems(items), context));
	}
	if (kind === 'server_stream') {
		return async function* (args: JsonObject, context: ServiceContext) {
			yield* run(await checked(args), context) as AsyncIterable<JsonObject>;
		};
	}
	return (_: JsonObject, items: AsyncIterable<JsonObject>, context: ServiceContext) =>
		run(checkedItems(items), context) as AsyncIterable<JsonObject>;
}

function resultOf(result: unknown): JsonObject {
	return (result ?? {}) as JsonObject;
}

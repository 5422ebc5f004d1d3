import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ItemSource, ServiceCallOptions } from '../services/service-client.ts';
import type { MethodKind } from '../services/service-definition.ts';
import type { ServiceContext } from '../services/service-server.ts';

/** A method of a seam, as its definition says it. Both schemas describe objects, as every value that crosses is one. */
export interface SeamMethod {
	/** Side that sends a stream of items. Default `unary`. */
	readonly kind?: MethodKind;
	/** Schema of the client's message: its argument, or each of its items. The plugin checks it. Default: nothing. */
	readonly input?: StandardSchemaV1;
	/** Schema of the plugin's answer: its result, or each of its items. The client checks it. Default: nothing. */
	readonly output?: StandardSchemaV1;
}

/** The methods of a seam, by name. */
export type SeamMethods = Readonly<Record<string, SeamMethod>>;

/** Options of a call of a seam's method: a deadline in `timeoutMs` (default 60 s; a server's stream has none), a `signal` that cancels. */
export type SeamCallOptions = Omit<ServiceCallOptions, 'plugin'>;

type Schema<M, Which extends 'input' | 'output'> =
	M extends Readonly<Record<Which, infer S extends StandardSchemaV1>> ? S : never;
type Input<M> = M extends { readonly input: StandardSchemaV1 }
	? StandardSchemaV1.InferInput<Schema<M, 'input'>>
	: Record<string, never> | undefined;
type CheckedInput<M> = M extends { readonly input: StandardSchemaV1 }
	? StandardSchemaV1.InferOutput<Schema<M, 'input'>>
	: Record<string, never>;
type Output<M> = M extends { readonly output: StandardSchemaV1 }
	? StandardSchemaV1.InferInput<Schema<M, 'output'>>
	: // biome-ignore lint/suspicious/noConfusingVoidType: a function without a result is what implements it
		void;
type CheckedOutput<M> = M extends { readonly output: StandardSchemaV1 }
	? StandardSchemaV1.InferOutput<Schema<M, 'output'>>
	: // biome-ignore lint/suspicious/noConfusingVoidType: a function without a result is what implements it
		void;

type Argument<M> = M extends { readonly input: StandardSchemaV1 }
	? [value: Input<M>, options?: SeamCallOptions]
	: [value?: Input<M>, options?: SeamCallOptions];

/** A function for each method, as a host calls it. */
export type SeamClient<Methods extends SeamMethods> = {
	readonly [Name in keyof Methods]: Methods[Name] extends { readonly kind: 'server_stream' }
		? (...args: Argument<Methods[Name]>) => AsyncIterableIterator<CheckedOutput<Methods[Name]>, undefined>
		: Methods[Name] extends { readonly kind: 'client_stream' }
			? (
					items: ItemSource<Input<Methods[Name]>>,
					options?: SeamCallOptions,
				) => Promise<CheckedOutput<Methods[Name]>>
			: Methods[Name] extends { readonly kind: 'bidirectional' }
				? (
						items: ItemSource<Input<Methods[Name]>>,
						options?: SeamCallOptions,
					) => AsyncIterableIterator<CheckedOutput<Methods[Name]>, undefined>
				: (...args: Argument<Methods[Name]>) => Promise<CheckedOutput<Methods[Name]>>;
};

/** A function for each method, as a plugin has it. What it throws fails the call: an OrchestraError with its own code and details. */
export type SeamImplementation<Methods extends SeamMethods> = {
	readonly [Name in keyof Methods]: Methods[Name] extends { readonly kind: 'server_stream' }
		? (value: CheckedInput<Methods[Name]>, context: ServiceContext) => AsyncIterable<Output<Methods[Name]>>
		: Methods[Name] extends { readonly kind: 'client_stream' }
			? (
					items: AsyncIterable<CheckedInput<Methods[Name]>>,
					context: ServiceContext,
				) => Output<Methods[Name]> | Promise<Output<Methods[Name]>>
			: Methods[Name] extends { readonly kind: 'bidirectional' }
				? (
						items: AsyncIterable<CheckedInput<Methods[Name]>>,
						context: ServiceContext,
					) => AsyncIterable<Output<Methods[Name]>>
				: (
						value: CheckedInput<Methods[Name]>,
						context: ServiceContext,
					) => Output<Methods[Name]> | Promise<Output<Methods[Name]>>;
};

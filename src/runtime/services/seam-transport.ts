import type { CallOptions } from '../client/call-options.ts';
import type { ServiceClient } from './service-client.ts';
import type { ServiceDefinition, ServiceMethods } from './service-definition.ts';

/** A seam that a plugin serves. */
export interface OfferedSeam {
	readonly name: string;
	/** Whole numbers of 1 or more, the lowest first; several where it serves older clients too. */
	readonly versions: readonly number[];
}

/**
 * The way to the seams of one plugin: over a connection of ours, or over whatever else carries calls, such as gRPC. A typed client is made
 * on it, and knows no more of the plugin than this.
 *
 * Its functions reject with an {@link OrchestraError} whose `code` is the plugin's own: `not_found` and `conflict` for these two,
 * `deadline_exceeded` and `cancelled` for what ended on the way, `handler_error` for what has no code. Values are JSON objects; a method
 * without a result answers `{}`. Methods of which the client sends a stream get `{}` as their arguments.
 */
export interface SeamTransport {
	/** The other end, for messages. */
	readonly peer: string;
	/** Seams that the plugin serves; empty for none. */
	offered(options?: CallOptions): Promise<readonly OfferedSeam[]>;
	/**
	 * A function for each method of a seam at one version. The name of the definition is that of the seam. It asks the plugin nothing:
	 * what it does not serve fails when it is called, with `service_not_found`, `service_version_mismatch` or `method_not_found`.
	 */
	bind<Methods extends ServiceMethods>(definition: ServiceDefinition<Methods>): ServiceClient<Methods>;
}

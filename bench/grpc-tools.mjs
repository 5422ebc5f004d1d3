// What client and server of grpc-js share.
import grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromObject } from '@grpc/proto-loader';
import { echoService } from './echo-service.mjs';

const loaded = grpc.loadPackageDefinition(loadFileDescriptorSetFromObject(echoService, { longs: Number }));

/** The client's constructor; its `service` is what a server adds. */
export const Tools = /** @type {{ Tools: grpc.ServiceClientConstructor }} */ (
	/** @type {unknown} */ (loaded.bench)
).Tools;

/** A message of 16 MB is more than grpc-js takes by default. */
export const messageLimits = {
	'grpc.max_receive_message_length': 64 * 1024 * 1024,
	'grpc.max_send_message_length': 64 * 1024 * 1024,
};

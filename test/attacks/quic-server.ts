import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { echo } from '../carriers/handlers.ts';

/** Serves over QUIC in a process of its own, whose memory is the listener's alone. Its identity comes as a message. */
process.once('message', (identity) => {
	void quicCarrier
		.listen({ carrier: 'quic', host: '127.0.0.1', port: 0 }, { identity: identity as never, handler: echo })
		.then((listener) => process.send?.(listener.address.port));
});
process.once('disconnect', () => process.exit());

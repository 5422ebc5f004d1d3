import type { Carrier } from '../carrier.ts';
import { dialQuic } from './dialling/quic-dial.ts';
import { listenQuic } from './listening/quic-listener.ts';

/** Exchanges over QUIC (quiche, through the native binding of `@matrixai/quic`), one stream each, with mutual TLS 1.3. */
export const quicCarrier: Carrier = { name: 'quic', dial: dialQuic, listen: listenQuic };

import type { FuzzTarget } from './fuzz-target.ts';
import { addressTarget } from './targets/address.ts';
import { frameDecoderTarget } from './targets/frame-decoder.ts';
import { messageTarget } from './targets/messages.ts';
import { quicPacketsTarget } from './targets/quic-packets.ts';
import { readyLineTarget } from './targets/ready-line.ts';
import { structTarget } from './targets/struct.ts';
import { toolArgumentsTarget } from './targets/tool-arguments.ts';

/** All that is fuzzed, by name. */
export const targets: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
	'frame-decoder': frameDecoderTarget,
	requests: () => messageTarget('requests'),
	responses: () => messageTarget('responses'),
	struct: structTarget,
	address: addressTarget,
	'ready-line': readyLineTarget,
	'tool-arguments': toolArgumentsTarget,
	'quic-packets': quicPacketsTarget,
};

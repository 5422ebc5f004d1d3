import { Flags } from '@oclif/core';

/** Flag for the carrier over which a process is reached. */
export const carrierFlag = Flags.string({
	description:
		'The carrier for a process that is started. [default: fd for a module on Linux and macOS, else quic]',
	options: ['fd', 'quic', 'tcp'],
});

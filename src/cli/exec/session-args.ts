import { Args } from '@oclif/core';

/** The arguments of commands that act on a terminal session. */
export const sessionArgs = {
	target: Args.string({ description: 'Where the plugin is: an address.', required: true }),
	session: Args.string({ description: 'The id of the session.', required: true }),
};

import { defineSeam } from 'orchestra-toolchain/seams';
import { z } from 'zod';

const place = z.object({ room: z.string() });
const reading = z.object({ celsius: z.number() });

/** What a host and a plugin agree on: the host imports this file too, or a package with it. */
export const thermometer = defineSeam('thermometer', {
	// A change that an older side would not survive makes this a 2; a plugin may serve both.
	version: 1,
	methods: {
		read: { input: place, output: reading },
		watch: { kind: 'server_stream', input: place, output: reading },
	},
});

// A hook before each turn, and a cheap part of each session around what all of them share.
import { createPlugin } from 'orchestra-toolchain';

/** Made once, whatever the number of sessions. */
const greetings = ['Good morning.', 'Good day.', 'Good evening.'];

export default createPlugin('greeter')
	.version('1.0.0')
	.description('Greets before each turn, and counts the turns of each session.')
	.registerSessionPlugin({
		id: 'greeter',
		build() {
			let turns = 0;
			return {
				register(session) {
					session.hook('before_turn', () => {
						const content = greetings[turns++ % greetings.length] ?? '';
						return { messages: [{ role: 'system', content }] };
					});
					session.query('turns', { description: 'How many turns there were.' }, () => turns);
				},
				snapshot: () => ({ revision: turns, state: turns }),
				restore(state) {
					turns = typeof state === 'number' ? state : 0;
				},
			};
		},
	})
	.build();

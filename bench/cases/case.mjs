/**
 * One line of a table: a peer, or a program.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string=} baseline the row that this one is compared to, where it is not that of the case
 * @property {(context: Context) => Promise<Record<string, number | undefined>>} measure
 * @property {import('../harness/peers.mjs').Peer=} peer whose session has to go where a measurement fails
 */

/**
 * What a measurement has at hand.
 *
 * @typedef {object} Context
 * @property {import('../harness/sessions.mjs').Sessions} sessions
 */

/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title
 * @property {import('../harness/columns.mjs').Column[]} columns the first is what spread and ratio are about
 * @property {{ row: string, title: string, faster: 'more' | 'less' | 'as is' }=} ratio to the figure of another row: how many
 * times faster where more, or less, is faster; `as is` for the bare quotient
 * @property {number=} maxRounds
 * @property {Row[]} rows
 */

/**
 * Cases that share the processes of a round.
 *
 * @typedef {object} Group
 * @property {string} id
 * @property {string} title
 * @property {boolean} warm whether new processes are warmed up first
 * @property {Case[]} cases
 */

/** The comparison of most cases. */
export const toGrpc = (/** @type {'more' | 'less'} */ faster) => ({
	row: 'grpc-js',
	title: '× grpc-js',
	faster,
});

/**
 * A row for each peer.
 *
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {(session: import('../harness/sessions.mjs').Session) => Promise<Record<string, number | undefined>>} measure
 * @returns {Row[]}
 */
export function rowsOf(peers, measure) {
	return peers.map((peer) => ({
		id: peer.id,
		title: peer.title,
		peer,
		measure: async ({ sessions }) => measure(await sessions.get(peer)),
	}));
}

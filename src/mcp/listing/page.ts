import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** Items of one page. */
const pageSize = 200;

/** A page of a list. A cursor names the item behind which it begins, so that a list that changes meanwhile is not read twice. @throws ProtocolError for a cursor that is none */
export function takePage<T>(
	items: readonly T[],
	keyOf: (item: T) => string,
	cursor: string | undefined,
): { items: T[]; nextCursor?: string } {
	let from = 0;
	if (cursor !== undefined) {
		const key = Buffer.from(cursor, 'base64url').toString('utf8');
		const at = items.findIndex((item) => keyOf(item) === key);
		if (at < 0)
			throw new ProtocolError(
				ProtocolErrorCode.InvalidParams,
				'the cursor is none of this list, or the list has changed',
			);
		from = at + 1;
	}
	const page = items.slice(from, from + pageSize);
	const last = page.at(-1);
	const more = last !== undefined && from + page.length < items.length;
	return { items: page, ...(more ? { nextCursor: Buffer.from(keyOf(last)).toString('base64url') } : {}) };
}

import type { Server } from '@modelcontextprotocol/server';

/** URIs that one client may hear of. */
const maxSubscriptions = 1024;

/** Lets a client of the era before 2026 subscribe to resources. @returns the URIs that it has subscribed to */
export function handleSubscriptions(server: Server): ReadonlySet<string> {
	const subscribed = new Set<string>();
	server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
		if (subscribed.size >= maxSubscriptions)
			throw new Error(`a client hears of ${maxSubscriptions} resources at most`);
		subscribed.add(uri);
		return {};
	});
	server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
		subscribed.delete(uri);
		return {};
	});
	return subscribed;
}

/**
 * Whether a promise settles, either way, within some milliseconds. It leaves no timer behind, and never rejects. When the time is up one
 * turn of the event loop follows: where this process stood still, what arrived in time is read only then.
 */
export function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => setImmediate(() => resolve(false)), Math.max(0, milliseconds));
		const settled = () => {
			clearTimeout(timer);
			resolve(true);
		};
		promise.then(settled, settled);
	});
}

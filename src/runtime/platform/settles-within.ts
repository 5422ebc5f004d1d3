/** Whether a promise settles, either way, within some milliseconds. It leaves no timer behind, and never rejects. */
export function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => resolve(false), Math.max(0, milliseconds));
		const settled = () => {
			clearTimeout(timer);
			resolve(true);
		};
		promise.then(settled, settled);
	});
}

/**
 * Calls back once when stdin ends: the host that holds its other end has gone, however it went. What comes in is thrown away.
 */
export function watchParent(onGone: () => void): void {
	let told = false;
	const gone = () => {
		if (told) return;
		told = true;
		onGone();
	};
	process.stdin.on('end', gone);
	process.stdin.on('close', gone);
	process.stdin.on('error', gone);
	process.stdin.resume();
}

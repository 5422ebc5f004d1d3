import { patienceMs } from '../support/patience.ts';

/** The value of a promise, or a failure that says what did not happen in time. */
export async function within<T>(promise: Promise<T>, what: string, timeoutMs = patienceMs): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** A promise and the function that settles it. */
export function signalled<T = void>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
	let settle: (value: T) => void = () => undefined;
	const promise = new Promise<T>((resolve) => {
		settle = resolve;
	});
	return { promise, settle };
}

// Anything can be thrown: a revoked proxy, an error whose message is a getter that throws. What is caught from code that is not ours
// is read with these, which never throw.

/** Whether a value is an Error. Never throws. */
export function isError(thrown: unknown): thrown is Error {
	try {
		return thrown instanceof Error;
	} catch {
		return false;
	}
}

/** A property that is a text; undefined where it is none, or cannot be read. Never throws. */
export function textOf(value: unknown, key: string): string | undefined {
	try {
		const found = (value as Record<string, unknown> | null | undefined)?.[key];
		return typeof found === 'string' ? found : undefined;
	} catch {
		return undefined;
	}
}

/** Message of a thrown value: that of an error, else the value as a text. Never throws. @param unreadable said where it cannot be read */
export function messageOf(thrown: unknown, unreadable = 'a value that cannot be read'): string {
	if (isError(thrown)) return textOf(thrown, 'message') || textOf(thrown, 'name') || unreadable;
	try {
		return String(thrown);
	} catch {
		return unreadable;
	}
}

/** Causes of causes that are told, and characters of each. */
const mostCauses = 5;
const maxCauseLength = 1024;

/** Messages of the causes of an error, the nearest first: at most 5, of 1024 characters each. Never throws. */
export function causesOf(thrown: unknown): string[] {
	const texts: string[] = [];
	let cause = causeOf(thrown);
	while (cause != null && texts.length < mostCauses) {
		const text = messageOf(cause);
		texts.push(text.length <= maxCauseLength ? text : `${text.slice(0, maxCauseLength)}…`);
		cause = causeOf(cause);
	}
	return texts;
}

function causeOf(thrown: unknown): unknown {
	try {
		return isError(thrown) ? thrown.cause : undefined;
	} catch {
		return undefined;
	}
}

/** A thrown value in full: an error with its stack, where it has one. Never throws. */
export function stackOf(thrown: unknown): string {
	return (isError(thrown) && textOf(thrown, 'stack')) || messageOf(thrown);
}

/** Whether a value has to be waited for. @throws whatever its `then` throws where that is a getter */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
	return (
		typeof value === 'object' &&
		value !== null &&
		typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
	);
}

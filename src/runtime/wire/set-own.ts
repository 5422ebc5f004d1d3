/** Sets an own property, whatever its name: a plain assignment to `__proto__` would change the prototype instead. */
export function setOwn<T>(target: { [key: string]: T | undefined }, key: string | number, value: T): void {
	if (key === '__proto__') {
		Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
	} else target[key] = value;
}

/** Sets an own property, whatever its name: a plain assignment to `__proto__` would change the prototype instead. */
export function setOwn<T>(target: { [key: string]: T | undefined }, key: string | number, value: T): void {
	if (key === '__proto__') {
		given = value;
		new ProtoField(target);
		given = undefined;
	} else target[key] = value;
}

let given: unknown;

/** A class whose instance is what its constructor is given. */
class Given {
	constructor(target: object) {
		// biome-ignore lint/correctness/noConstructorReturn: fields of a class that extends this one are defined on what is returned
		return target;
	}
}

/** Its field is defined on what is given, as Object.defineProperty would, in a seventh of the time (measured on Node 20). */
class ProtoField extends Given {
	['__proto__'] = given;
}

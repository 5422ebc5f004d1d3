import { createRequire } from 'node:module';

/** The platform that this process runs on, as the packages of QUIC's binding name it. */
export const platformName = `${process.platform}-${process.arch}`;

/** The file of QUIC's native binding for this platform, from this installation; undefined where there is none. */
export function findQuicBinding(): string | undefined {
	const require = createRequire(import.meta.url);
	let quic: NodeJS.Require;
	try {
		// Its binaries are packages of their own, which it finds and we may not.
		quic = createRequire(require.resolve('@matrixai/quic/package.json'));
	} catch {
		return undefined; // An optional dependency that is not installed.
	}
	for (const target of [platformName, `${process.platform}-universal`]) {
		try {
			return quic.resolve(`@matrixai/quic-${target}`);
		} catch {
			// No binary of that name was installed here.
		}
	}
	return undefined;
}

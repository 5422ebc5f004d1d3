import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { protocolVersion } from '../../../runtime/wire/protocol-version.ts';
import { toolchainVersion } from '../../installation.ts';

/** Requirements of a plugin on its host. */
interface Requirements {
	readonly protocol?: number;
	readonly runtime?: string;
}

/**
 * Checks that this orchestra is one that a plugin can run under.
 *
 * @throws OrchestraError `requirement_unmet`, or `invalid_manifest` where the range cannot be read
 */
export async function checkRequirements(id: string, requires: Requirements | undefined): Promise<void> {
	if (!requires) return;
	const { protocol = 0, runtime } = requires;
	if (protocol > protocolVersion) {
		throw unmet(
			id,
			`version ${protocol} of the protocol, and this orchestra speaks version ${protocolVersion}`,
		);
	}
	if (runtime === undefined) return;
	await assertRange(id, runtime);
	const { satisfies } = (await import('semver')).default;
	if (!satisfies(toolchainVersion(), runtime, { includePrerelease: true })) {
		throw unmet(id, `orchestra-toolchain ${runtime}, and this is ${toolchainVersion()}`);
	}
}

/** @throws OrchestraError `invalid_manifest` where a range of versions cannot be read */
export async function assertRange(id: string, range: string): Promise<void> {
	const { validRange } = (await import('semver')).default;
	if (validRange(range) !== null) return;
	throw new OrchestraError(
		'invalid_manifest',
		`plugin ${id} requires the runtime ${JSON.stringify(range)}, which is no range of versions`,
		{ hint: 'Write a range as npm does, such as ">=0.1 <1".', details: { id, range } },
	);
}

function unmet(id: string, what: string): OrchestraError {
	return new OrchestraError('requirement_unmet', `plugin ${id} requires ${what}`, {
		hint: 'Update orchestra, or install another version of the plugin.',
		details: { id },
	});
}

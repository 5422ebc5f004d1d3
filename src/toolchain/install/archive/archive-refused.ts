import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** The error for an archive that is not unpacked. `why` continues "the archive weather.tgz …". */
export function archiveRefused(archive: string, why: string, cause?: unknown): OrchestraError {
	return new OrchestraError('archive_refused', `the archive ${archive} ${why}`, {
		hint: `Nothing of it was kept. Make one with ${/\.(mcpb|dxt)$/i.test(archive) ? 'mcpb pack' : 'orchestra build --pack or npm pack'}.`,
		details: { archive },
		cause,
	});
}

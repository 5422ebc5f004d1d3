import { writeFile } from 'node:fs/promises';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import { formatJunit } from './junit.ts';
import { formatTap } from './tap.ts';
import type { TestReport } from './test-result.ts';

const formats = { junit: formatJunit, tap: formatTap } as const;

/** Writes a report to a file. @throws OrchestraError `output_failed` */
export async function writeReport(
	path: string,
	format: keyof typeof formats,
	report: TestReport,
): Promise<void> {
	try {
		await writeFile(path, formats[format](report));
	} catch (error) {
		throw new OrchestraError('output_failed', `the report cannot be written: ${messageOf(error)}`, {
			hint: 'Name a file in a folder that exists.',
			cause: error,
		});
	}
}

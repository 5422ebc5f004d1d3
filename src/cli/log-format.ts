import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** The formats that logs and errors can be written in. */
export const logFormats = ['text', 'json'];

let format: string | undefined;

/** Takes what the command line says. @throws OrchestraError `usage` where the environment names no format */
export function chooseLogFormat(given: string | undefined): void {
	if (given === undefined) {
		const { ORCHESTRA_LOG_FORMAT: named = '' } = process.env;
		if (named !== '' && !logFormats.includes(named)) {
			throw new OrchestraError('usage', `ORCHESTRA_LOG_FORMAT is text or json, not ${JSON.stringify(named)}`);
		}
		return;
	}
	format = given;
	// Processes of plugins do the same.
	process.env.ORCHESTRA_LOG_FORMAT = given;
}

/** Whether each line of stderr is to be a JSON document. */
export function logsJson(): boolean {
	return (format ?? process.env.ORCHESTRA_LOG_FORMAT) === 'json';
}

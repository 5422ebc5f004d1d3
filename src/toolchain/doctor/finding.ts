import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Result of one check. */
export interface DoctorFinding {
	/** The name of the check. */
	readonly check: string;
	/** `fault`: something will not work; `warning`: it may surprise somebody, or soon will not work. */
	readonly state: 'ok' | 'warning' | 'fault';
	/** Finding, in a sentence. */
	readonly message: string;
	/** The command that mends it. */
	readonly mend?: string | undefined;
}

/** Folders and settings that the doctor looks at. */
export interface DoctorScope {
	/** The folder of the project, or any other. Absolute. */
	readonly folder: string;
	/** Directory of the certificates. Absolute. */
	readonly certsDir: string;
	/** Addresses that a server is to have. */
	readonly listen: readonly string[];
}

/** Looks at one thing. What it throws is a fault of that name. */
export interface DoctorCheck {
	readonly name: string;
	run(scope: DoctorScope): Promise<readonly DoctorFinding[]> | readonly DoctorFinding[];
}

/** A fault that an error tells of. */
export function faultOf(check: string, thrown: unknown, mend?: string): DoctorFinding {
	const error = OrchestraError.from(thrown, 'internal');
	return { check, state: 'fault', message: error.message, mend: mend ?? mendIn(error.hint) };
}

/** The command in a hint: hints say `Run: COMMAND`. Where there is none, the hint itself. */
function mendIn(hint: string | undefined): string | undefined {
	const command = /\bRun: ([^\n]+?)(?:, (?:after|and|or|where|then) [^\n]*|\.(?:\s[^\n]*)?)?$/m.exec(
		hint ?? '',
	)?.[1];
	return command ?? hint;
}

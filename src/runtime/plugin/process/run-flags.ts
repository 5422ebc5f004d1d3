import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Flags on the command line of a plugin's process. */
export interface RunFlags {
	readonly orchestratorAddr?: string;
	readonly listenAddr?: string;
	readonly certsDir?: string;
	readonly manifest: boolean;
	readonly help: boolean;
	/** Whether there was any flag of the process contract. */
	readonly any: boolean;
	/** Names of flags that are not of the process contract; absent where there are none. */
	readonly others?: readonly string[];
}

const textFlags = {
	'orchestrator-addr': 'orchestratorAddr',
	'listen-addr': 'listenAddr',
	'certs-dir': 'certsDir',
} as const;
const truths = new Map([
	...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
	...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

/** The flags of the process contract that a spelling mistake could make another one. */
export const contractFlags: readonly string[] = [...Object.keys(textFlags), 'manifest'];

/** Text of `--help`. */
export const flagsUsage = `  --listen-addr=HOST:PORT        where to listen (default localhost:0, any free port, QUIC)
  --orchestrator-addr=HOST:PORT  the orchestrator to register with (default: none)
  --certs-dir=DIR                where the certificates are (default ~/.orchestra/certs)
  --manifest                     print the manifest as JSON and exit
`;

/**
 * Reads the flags of the process contract, in every form that Go's flag package takes: one dash or two, `=` or the next
 * argument. Everything else is passed over: a host puts the arguments that it was configured with before the flags, such as
 * `--workspace=DIR`, and these are the plugin's own.
 *
 * @throws OrchestraError `usage`
 */
export function parseRunFlags(argv: readonly string[]): RunFlags {
	const texts: { orchestratorAddr?: string; listenAddr?: string; certsDir?: string } = {};
	let manifest = false;
	let help = false;
	let any = false;
	const others: string[] = [];
	for (let i = 0; i < argv.length; i++) {
		const argument = argv[i] ?? '';
		if (argument === '--') break;
		const [, name = '', value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
		if (name === 'manifest') manifest = toBoolean(name, value);
		else if (name === 'help' || name === 'h') help = true;
		else if (Object.hasOwn(textFlags, name)) {
			const text = value ?? argv[++i];
			if (text === undefined) throw usage(`--${name} needs a value`);
			texts[textFlags[name as keyof typeof textFlags]] = text;
		} else {
			if (name !== '') others.push(name);
			continue;
		}
		any = true;
	}
	return { ...texts, manifest, help, any, ...(others.length > 0 ? { others } : {}) };
}

function toBoolean(name: string, value: string | undefined): boolean {
	const truth = value === undefined ? true : truths.get(value);
	if (truth === undefined) throw usage(`--${name} is true or false, not ${JSON.stringify(value)}`);
	return truth;
}

function usage(why: string): OrchestraError {
	return new OrchestraError('usage', why, { hint: `The flags of a plugin are:\n${flagsUsage}` });
}

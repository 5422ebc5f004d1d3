import { Flags } from '@oclif/core';
import { type Address, parseAddress } from '../runtime/carrier/address.ts';
import { certsDirFlag } from './base-command.ts';
import { checkDuration } from './duration-flag.ts';
import { logFormatFlag } from './log-format-flag.ts';
import { tuiFlag } from './tui-flag.ts';

/** Addresses at which plugins are served if nothing else is said. The Go orchestrator's defaults; its TCP has no TLS, ours has. */
export const defaultAddresses = ['quic://127.0.0.1:50100', 'tcp://127.0.0.1:50101'];

/** The flags of every command that serves plugins. */
export const servingFlags = {
	listen: Flags.string({
		char: 'l',
		multiple: true,
		multipleNonGreedy: true,
		description: `Where to listen, more than once if need be; port 0 takes any. [default: ${defaultAddresses.join(', ')}]`,
		helpValue: 'ADDRESS',
	}),
	'certs-dir': certsDirFlag,
	tui: tuiFlag(
		'Take the whole terminal and show what happens. [default: on a terminal, without --json and CI]',
	),
	'log-format': logFormatFlag,
	verbose: Flags.boolean({ char: 'v', description: 'Show everything that plugins log, even with --json.' }),
};

/** `--grace`. @param initially the duration where it is not given, such as `2s` */
export function graceFlag(initially: string) {
	return Flags.string({
		description: 'How long calls under way get to end when it stops.',
		helpValue: 'DURATION',
		default: initially,
		parse: checkDuration,
	});
}

/** The addresses of `--listen`, or the default ones. @throws OrchestraError `invalid_address` */
export function listenAddresses(listen: readonly string[] = defaultAddresses): Address[] {
	return listen.map((text) => parseAddress(text));
}

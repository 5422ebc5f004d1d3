import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { messageOf } from '../../../wire/thrown-value.ts';
import type { Quiche } from './quiche.ts';

/** The name of the binding file that is looked for beside the program: what a bundle ships instead of `node_modules`. */
export const bindingFileName = 'orchestra-quic.node';

let loading: Promise<Quiche> | undefined;

/**
 * Loads the native QUIC binding, once a process. Looked for, in this order: the file that `ORCHESTRA_QUIC_BINDING` names, a file
 * {@link bindingFileName} beside the program, the package `@matrixai/quic`. It is native code: the variable and the program's
 * folder are as trusted as the program itself.
 *
 * @throws OrchestraError `carrier_unavailable`
 */
export function loadQuicBinding(): Promise<Quiche> {
	loading ??= load();
	return loading;
}

async function load(): Promise<Quiche> {
	const { ORCHESTRA_QUIC_BINDING: named } = process.env;
	const beside = named ? undefined : fileBesideProgram();
	try {
		if (named) return requireBinding(resolve(named));
		if (beside !== undefined) return requireBinding(beside);
		// Only here: it costs start-up time, and has no binary on some machines.
		const module: { default: unknown } = await import('@matrixai/quic/native/quiche.js');
		return checkBinding(module.default);
	} catch (error) {
		throw new OrchestraError(
			'carrier_unavailable',
			`QUIC does not work on this machine (${process.platform}-${process.arch}): ${whyNot(error, named, beside)}.`,
			{
				hint: 'Use a tcp:// address, or install @matrixai/quic where it has a binary for this machine.',
				details: { platform: process.platform, arch: process.arch, ...(named ? { path: named } : {}) },
				cause: error,
			},
		);
	}
}

function whyNot(error: unknown, named: string | undefined, beside: string | undefined): string {
	// Deno asks for a permission.
	if (/--allow-ffi/.test(messageOf(error))) return 'its native binding is not loaded without --allow-ffi';
	if (named) return `${named} cannot be loaded`;
	return beside === undefined
		? 'its native binding is not installed'
		: `its native binding, ${beside}, cannot be loaded`;
}

function fileBesideProgram(): string | undefined {
	const program = process.argv[1];
	if (!program) return undefined;
	try {
		const file = join(dirname(realpathSync(program)), bindingFileName);
		return existsSync(file) ? file : undefined;
	} catch {
		// The program is no file: `node -e`, say.
		return undefined;
	}
}

function requireBinding(file: string): Quiche {
	return checkBinding(createRequire(import.meta.url)(file));
}

function checkBinding(binding: unknown): Quiche {
	const candidate = binding as Partial<Quiche> | undefined;
	if (
		typeof candidate?.Config?.withBoringSslCtx !== 'function' ||
		typeof candidate.Connection?.connect !== 'function' ||
		typeof candidate.Connection.accept !== 'function' ||
		typeof candidate.retry !== 'function'
	) {
		throw new Error('it is not the binding of @matrixai/quic 2');
	}
	return candidate as Quiche;
}

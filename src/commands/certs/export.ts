import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { withNearestCertificate } from '../../cli/nearest-certificate.ts';
import { writeStdout } from '../../cli/stdout.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { exportIdentity } from '../../runtime/identity/directory/load-identity.ts';
import { createPemFile, replacePemFile } from '../../runtime/identity/directory/pem-file.ts';
import { shellWord } from '../../runtime/platform/shell-word.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';

export default class CertsExport extends BaseCommand {
	static override summary =
		'Write a certificate, its key and the authorities as one PEM file, for another machine.';
	static override description =
		'The file is readable by its owner only. The key of the authority is never exported. --public leaves the private key ' +
		'out; with the name `ca` it gives the authorities alone.';
	static override examples = [
		'<%= config.bin %> certs export laptop --out laptop.pem',
		'<%= config.bin %> certs export laptop --out - | ssh laptop "umask 077; cat > laptop.pem"',
		'<%= config.bin %> certs export ca --public --out -',
	];
	static override args = {
		name: Args.string({ description: 'Which one; `ca` with --public is the authority.', required: true }),
	};
	static override flags = {
		'certs-dir': certsDirFlag,
		out: Flags.string({
			char: 'o',
			description:
				'Where to; - is stdout, but a private key is never written to a terminal. [default: NAME.pem]',
			helpValue: 'FILE',
		}),
		public: Flags.boolean({ description: 'Without the private key.' }),
		force: Flags.boolean({ description: 'Replace the file that is there.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsExport);
		const toStdout = flags.out === '-';
		if (toStdout && this.jsonEnabled()) {
			throw new OrchestraError('usage', '--json and --out - both want stdout', { hint: 'Name a file.' });
		}
		if (toStdout && !flags.public && process.stdout.isTTY) {
			throw new OrchestraError('usage', 'a private key is not written to a terminal', {
				hint: 'Pipe it somewhere, name a file with --out, or leave the key out with --public.',
			});
		}
		const dir = resolveCertsDir(flags['certs-dir']);
		const pem = await withNearestCertificate(dir, [args.name], () =>
			exportIdentity(dir, args.name, { includeKey: !flags.public }),
		);
		if (toStdout) {
			await writeStdout(pem);
			return;
		}
		const path = resolve(flags.out ?? `${args.name}.pem`);
		try {
			if (flags.force) await replacePemFile(path, pem);
			else if (!(await createPemFile(path, pem))) throw exists(path);
		} catch (error) {
			if (error instanceof OrchestraError) throw error;
			const reason =
				(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'its folder does not exist' : messageOf(error);
			throw new OrchestraError('usage', `${path} cannot be written: ${reason}`, {
				hint: 'Name a file in a folder that exists and that you may write.',
				cause: error,
			});
		}
		return this.result({ name: args.name, path, key: !flags.public }, () =>
			flags.public
				? `Wrote ${path}, without the private key.`
				: `Wrote ${path} with the private key: keep it as one. On the other machine: orchestra certs import ${shellWord(path.split(/[\\/]/).at(-1) ?? '')}.`,
		);
	}
}

function exists(path: string): OrchestraError {
	return new OrchestraError('certificate_exists', `${path} is there already`, {
		hint: 'Add --force to replace it, or name another with --out.',
		details: { path },
	});
}

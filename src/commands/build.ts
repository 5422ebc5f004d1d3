import { relative } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { buildPlugin } from '../toolchain/bundle/build-plugin.ts';

export default class Build extends BaseCommand {
	static override summary = 'Make one file of a plugin that runs with nothing installed.';
	static override description =
		'Type-checks the plugin and writes <out>/<id>.mjs, a program and module for Node and Deno with everything in it, and ' +
		"<out>/manifest.json, which describes it. QUIC's native part for this platform is put beside it; without that the " +
		'program speaks TCP.';
	static override examples = [
		'<%= config.bin %> build',
		'<%= config.bin %> build weather --out release --minify',
		'<%= config.bin %> build --pack',
		'node dist/weather.mjs --listen-addr=tcp://127.0.0.1:50100',
	];
	static override args = {
		dir: Args.string({ description: 'Folder or module of the plugin.', default: '.' }),
	};
	static override flags = {
		out: Flags.string({
			description: "Where to write. [default: dist in the plugin's folder]",
			helpValue: 'DIR',
		}),
		check: Flags.boolean({ description: 'Check types first.', default: true, allowNo: true }),
		quic: Flags.boolean({
			description: "Put QUIC's native part for this platform beside the bundle.",
			default: true,
			allowNo: true,
		}),
		pack: Flags.boolean({
			description:
				'Write <id>-<version>.tgz too, an npm package: what orchestra install takes. The same sources give the same bytes.',
		}),
		minify: Flags.boolean({ description: 'Make it small rather than readable.' }),
		sourcemap: Flags.boolean({ description: 'Write <id>.mjs.map too.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Build);
		const started = performance.now();
		const built = await withSpinner(this.jsonEnabled(), 'Building', (show) =>
			buildPlugin(args.dir, {
				out: flags.out,
				check: flags.check,
				quic: flags.quic,
				pack: flags.pack,
				minify: flags.minify,
				sourceMap: flags.sourcemap,
				onStep: show,
			}),
		);
		const durationMs = Math.round(performance.now() - started);
		const { plugin, out, files, checked, quic, warnings } = built;
		for (const warning of warnings) this.note(`warning ${warning}`);
		if (flags.quic && !quic) {
			this.note('QUIC has no native part for this platform here: the program speaks TCP.');
		}
		const value = {
			id: plugin.id,
			version: plugin.version,
			out,
			files: files.map((file) => ({ ...file })),
			tools: plugin.tools.map(({ name }) => name),
			checked,
			quic,
			warnings: [...warnings],
			durationMs,
		};
		return this.result(value, () => {
			const where = relative(process.cwd(), out) || 'this folder';
			const width = Math.max(...files.map(({ name }) => name.length));
			const list = files.map(({ name, size }) => `  ${name.padEnd(width)}  ${formatSize(size).padStart(8)}`);
			const title = `Built ${style.bold(plugin.id)}${plugin.version ? ` ${plugin.version}` : ''} into ${where}`;
			return `${style.green('✔')} ${title} ${style.dim(`in ${(durationMs / 1000).toFixed(1)} s`)}\n\n${list.join('\n')}\n`;
		});
	}
}

/** A number of bytes, as people read it: 12.3 kB. */
function formatSize(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

import { constants } from 'node:os';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import {
	buildDocument,
	buildEventDocument,
	buildRemarks,
	formatBuild,
	formatBuildEvent,
} from '../cli/build-output.ts';
import { nextSignal } from '../cli/next-signal.ts';
import { withSpinner } from '../cli/spinner.ts';
import { hurryOutput } from '../cli/stdout.ts';
import { buildPlugin } from '../toolchain/bundle/build-plugin.ts';
import { BuildWatch, type BuildWatchOptions } from '../toolchain/bundle/build-watch.ts';

export default class Build extends BaseCommand {
	static override summary = 'Make one file of a plugin that runs with nothing installed.';
	static override description =
		'Type-checks the plugin and writes <out>/<id>.mjs, a program and module for Node and Deno with everything in it, and ' +
		'<out>/manifest.json, which describes it. What one file cannot hold is put beside it: files that it reads and addons ' +
		"in <id>.files, and QUIC's native part for this platform; without that the program speaks TCP.";
	static override examples = [
		'<%= config.bin %> build',
		'<%= config.bin %> build weather --out release --minify',
		'<%= config.bin %> build --pack',
		'<%= config.bin %> build --watch --no-check',
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
		target: Flags.option({
			options: ['node', 'deno'] as const,
			description: 'The only runtime that it has to run on. [default: it runs on both]',
		})(),
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
		watch: Flags.boolean({
			char: 'w',
			description: 'Build again at each save, until Ctrl-C. What fails leaves the last output as it is.',
		}),
		sourcemap: Flags.boolean({
			description:
				'Write <id>.mjs.map too, with the text of all sources. By default the bundle itself knows the files and lines of your own; --no-sourcemap leaves that out.',
			allowNo: true,
		}),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Build);
		const options = {
			out: flags.out,
			check: flags.check,
			quic: flags.quic,
			pack: flags.pack,
			minify: flags.minify,
			target: flags.target,
			sourceMap: ({ true: 'file', false: 'none', undefined: 'own' } as const)[`${flags.sourcemap}`],
		};
		if (flags.watch) return this.watch(args.dir, options);
		const started = performance.now();
		const built = await withSpinner(this.jsonEnabled(), 'Building', (show) =>
			buildPlugin(args.dir, { ...options, onStep: show }),
		);
		const durationMs = Math.round(performance.now() - started);
		for (const remark of buildRemarks(built, flags.quic)) this.note(remark);
		return this.result(buildDocument(built, durationMs), () => formatBuild(built, durationMs));
	}

	/** Builds at each save, until a signal comes. */
	private async watch(path: string, options: BuildWatchOptions['build']): Promise<never> {
		const json = this.jsonEnabled();
		const stop = nextSignal('SIGINT', 'SIGTERM');
		let said = '';
		using watch = new BuildWatch({
			path,
			build: options,
			onSlow: (error) =>
				this.note(`changes are found within 2 s: the system does not tell of them (${error})`),
			tell: (event) => {
				if (json) return this.line(buildEventDocument(event));
				process.stdout.write(`${formatBuildEvent(event)}\n`);
				if (event.kind === 'failed') return;
				// The same remarks at each save would bury what is new.
				const remarks = buildRemarks(event.built, options.quic);
				if (remarks.join() !== said) for (const remark of remarks) this.note(remark);
				said = remarks.join();
			},
		});
		const opened = watch.open();
		const signal = await Promise.race([stop.received, opened.then(() => stop.received)]);
		hurryOutput();
		// Work under way, with its processes, ends with this process: files are renamed in one step, and that is not interrupted.
		return process.exit(128 + constants.signals[signal]) as never;
	}
}

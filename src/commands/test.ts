import { basename, dirname, join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { formatCheckList, formatTestResult, formatTestTotal } from '../cli/format-test-result.ts';
import { interruptible } from '../cli/interruptible.ts';
import { selectedChecks } from '../cli/selected-checks.ts';
import { style } from '../cli/style.ts';
import { type TargetFlags, targetFlags } from '../cli/target-flags.ts';
import { openSubject } from '../cli/test-subject.ts';
import { withTarget } from '../cli/with-target.ts';
import { allChecks } from '../conformance/all-checks.ts';
import { assertCases, findCases, readCases } from '../conformance/cases/read-cases.ts';
import { recordOutcomes, writeNewCases } from '../conformance/cases/record-cases.ts';
import type { Outcome } from '../conformance/cases/run-case.ts';
import { runCases } from '../conformance/cases/run-cases.ts';
import { statedCalls } from '../conformance/cases/stated-calls.ts';
import { storedBeforehand } from '../conformance/cases/stored-beforehand.ts';
import type { CasesFile, TestCase } from '../conformance/cases/test-case.ts';
import { type Profile, profiles } from '../conformance/check.ts';
import { type TestReport, type TestResult, testReport } from '../conformance/report/test-result.ts';
import { writeReport } from '../conformance/report/write-report.ts';
import { runChecks } from '../conformance/run-checks.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { countOf } from '../toolchain/count-of.ts';
import { resolveTarget } from '../toolchain/targets/resolve-target.ts';
import type { Target } from '../toolchain/targets/target.ts';

/** Flags about the cases. */
interface CasesFlags extends TargetFlags {
	readonly cases?: string[] | undefined;
	readonly 'cases-only': boolean;
	readonly record: boolean;
}

export default class Test extends BaseCommand {
	static override summary =
		'Test a plugin of any language: whether it keeps the protocol, and does what its cases say.';
	static override description =
		'Conformance starts the plugin as a process, with certificates that live as long as the test, and checks one rule of the protocol ' +
		'after the other. It calls tools with arguments that their schemas forbid, and as the cases do; --no-calls leaves that out.\n\n' +
		'Cases are calls with what they have to come to, in *.cases.yaml files beside the plugin.';
	static override examples = [
		'<%= config.bin %> test',
		'<%= config.bin %> test ./my-go-plugin --profile core',
		'<%= config.bin %> test . --cases-only --record',
		'<%= config.bin %> test . --junit report.xml',
	];
	static override args = {
		target: Args.string({ description: 'What to test: a path or an address.', default: '.' }),
	};
	static override flags = {
		profile: Flags.string({
			description: 'What is asked of it: core is what a plugin of the Go SDK can meet.',
			options: [...profiles],
			default: 'full',
		}),
		only: Flags.string({
			description:
				'Make this check only, by its name or number, more than once if need be. Leaves cases out.',
			multiple: true,
			multipleNonGreedy: true,
			helpValue: 'CHECK',
		}),
		list: Flags.boolean({ description: 'List the checks instead, with what each is good for.' }),
		cases: Flags.string({
			description: 'A file with cases, more than once if need be. [default: *.cases.yaml beside the plugin]',
			multiple: true,
			multipleNonGreedy: true,
			helpValue: 'FILE',
		}),
		'cases-only': Flags.boolean({ description: 'Leave conformance out.', exclusive: ['only'] }),
		record: Flags.boolean({
			description:
				'Write what comes into the cases that expect nothing yet. Where there is no file, one is made with a case for each tool.',
		}),
		calls: Flags.boolean({
			description: 'Let conformance run handlers of the plugin.',
			default: true,
			allowNo: true,
		}),
		junit: Flags.string({ description: "Write a report in JUnit's XML.", helpValue: 'FILE' }),
		tap: Flags.string({ description: 'Write a report as TAP.', helpValue: 'FILE' }),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags: given } = await this.parse(Test);
		const flags = { ...given, json: this.jsonEnabled() };
		const checks = selectedChecks(allChecks, flags.only);
		if (flags.list) {
			const listed = checks.map(({ run: _, ...check }) => check);
			return this.result(listed, () => formatCheckList(checks));
		}
		const begin = performance.now();
		const target = resolveTarget(args.target);
		const files = flags.only ? [] : await this.cases(args.target, target, flags);
		const results: TestResult[] = [];
		const onResult = (result: TestResult) => this.show(formatTestResult(result));
		if (!flags['cases-only']) {
			this.show(style.bold(`conformance, profile ${flags.profile}`));
			const tested = {
				word: args.target,
				target,
				calls: statedCalls(files),
				config: Object.assign({}, ...files.map(({ config }) => config)) as Record<string, string>,
			};
			await interruptible(async (signal) => {
				const subject = await openSubject(tested, flags, signal);
				try {
					const run = { profile: flags.profile as Profile, calls: flags.calls, signal, onResult };
					results.push(...(await runChecks(subject, checks, run)));
				} finally {
					await subject.close();
				}
			});
		}
		for (const file of files) {
			this.show(style.bold(file.shown));
			results.push(...(await this.runFile(args.target, file, flags, onResult)));
		}
		const report = testReport(args.target, results, performance.now() - begin);
		if (flags.junit) await writeReport(flags.junit, 'junit', report);
		if (flags.tap) await writeReport(flags.tap, 'tap', report);
		return this.finish(report);
	}

	/** The files with cases: those named, else those beside the plugin. With `--record` one is made where there is none. */
	private async cases(word: string, target: Target, flags: CasesFlags): Promise<CasesFile[]> {
		const folder =
			target.kind === 'module'
				? target.folder
				: target.kind === 'executable'
					? dirname(target.path)
					: undefined;
		const found = flags.cases ?? (folder === undefined ? [] : findCases(folder));
		if (flags.record && found.length === 0) {
			if (folder === undefined)
				throw new OrchestraError('usage', 'a target at an address has no folder for its cases', {
					hint: 'Name a file with --cases.',
				});
			const name = basename(target.kind === 'module' ? target.folder : word).replace(/\.\w+$/, '');
			const file = join(folder, `${name}.cases.yaml`);
			await withTarget(word, { ...flags, json: true }, async ({ target: { client }, signal, timeoutMs }) =>
				writeNewCases(file, await client.listTools({ signal, timeoutMs })),
			);
			found.push(file);
		}
		if (flags['cases-only']) assertCases(found, folder ?? word);
		return Promise.all(found.map((file) => readCases(file)));
	}

	private async runFile(
		word: string,
		file: CasesFile,
		flags: CasesFlags,
		onResult: (result: TestResult) => void,
	): Promise<TestResult[]> {
		const recorded = new Map<TestCase, Outcome>();
		const onRecorded = flags.record
			? (test: TestCase, outcome: Outcome) => void recorded.set(test, outcome)
			: undefined;
		const beside = storedBeforehand(file);
		// Log lines of plugins would stand between the results; -v shows them.
		const results = await withTarget(
			word,
			{ ...flags, json: true },
			({ target: { client }, signal, timeoutMs }) =>
				runCases(file, { client, signal, timeoutMs, onResult, onRecorded }),
			{ config: file.config, beside: beside && [beside] },
		);
		await recordOutcomes(file, recorded);
		return results;
	}

	/** A line for a person. */
	private show(text: string): void {
		if (!this.jsonEnabled()) process.stdout.write(`${text}\n`);
	}

	private finish(report: TestReport): TestReport {
		if (report.failed === 0) return this.result(report, () => formatTestTotal(report));
		this.show(formatTestTotal(report));
		const { failed, results } = report;
		const error = new OrchestraError(
			'tests_failed',
			`${report.target} failed ${failed} of ${countOf(results.length, 'test')}`,
			{
				details: { failed: results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name) },
			},
		);
		return this.failAfter(report, error);
	}
}

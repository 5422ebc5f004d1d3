// `npm run bench`: ours and the peers in one run. See docs/performance.md.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { serveCommand } from './cases/executable.mjs';
import { buildOurs, issueCertificates } from './harness/build-ours.mjs';
import { Commands } from './harness/commands.mjs';
import { comparisonReport, keptRatios } from './harness/comparison.mjs';
import { installPeers } from './harness/install-peers.mjs';
import { busyNote, describeMachine } from './harness/machine.mjs';
import { checkMarkers, rewriteMarkdown } from './harness/markdown-file.mjs';
import { measureAll } from './harness/measure.mjs';
import { parseOptions, usage } from './harness/options.mjs';
import { benchRoot } from './harness/paths.mjs';
import { selectPeers } from './harness/peers.mjs';
import { plan } from './harness/plan.mjs';
import { markdownReport, terminalReport } from './harness/report.mjs';
import { resultsOf } from './harness/results.mjs';
import { scaleOf } from './harness/scale.mjs';
import { waitingReport } from './harness/waiting.mjs';
import { natsServerProgram } from './processes/nats-program.mjs';
import { killAll } from './processes/own-processes.mjs';
import { ServedExample } from './processes/served-example.mjs';
import { clientName, pluginId } from './workload.mjs';

const tell = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** @param {import('./harness/options.mjs').Options} options */
async function main(options) {
	if (options.markdown) checkMarkers(options.markdown, options.table);
	const selected = selectPeers(options);
	// The load before any of this.
	const machine = describeMachine(selected.peers);
	buildOurs();
	const { installed: peers, skipped } = installPeers(selected.peers, tell);
	const scratch = mkdtempSync(join(tmpdir(), 'orchestra-bench-'));
	const certsDir = join(scratch, 'certs');
	const profileDir = options.profile && resolve(options.profile);
	const commands = new Commands(certsDir, profileDir);
	const example = new ServedExample(serveCommand(commands, certsDir));
	const endNow = () => {
		killAll();
		rmSync(scratch, { recursive: true, force: true });
		process.exit(130);
	};
	process.once('SIGINT', endNow).once('SIGTERM', endNow);
	try {
		const emptyFile = join(scratch, 'empty.mjs');
		writeFileSync(emptyFile, '');
		const scale = scaleOf(options.quick);
		const served = { certsDir, servedAddress: () => example.address() };
		const nats = natsServerProgram() !== undefined;
		const { cases } = options;
		const groups = plan({ ...selected, peers, scale, commands, emptyFile, served, nats, cases });
		issueCertificates(certsDir, [pluginId, clientName]);
		const started = new Date().toISOString();
		const { runMs } = scale;
		const { quick, rounds } = options;
		const measuring = { commands, rounds, runMs, keepProcesses: quick, tell };
		const { measurements, cutShort } = await measureAll(groups, measuring);
		const notes = [
			busyNote(machine),
			...skipped,
			nats ? undefined : 'what is between machines was skipped: there is no nats-server',
			cutShort ? `the run was cut short after ${runMs / 60_000} minutes` : undefined,
			profileDir ? 'CPU profiles were written, which makes everything slower' : undefined,
		].filter((note) => note !== undefined);
		return { started, quick, rounds, machine, notes, groups: resultsOf(groups, measurements) };
	} finally {
		await example.stop();
		killAll();
		rmSync(scratch, { recursive: true, force: true });
	}
}

try {
	const options = parseOptions(process.argv.slice(2));
	if (options) {
		// Before the figures in it may be rewritten.
		const kept =
			options.compare === undefined ? undefined : keptRatios(readFileSync(options.compare, 'utf8'));
		const run = await main(options);
		const file = resolve(
			options.json ?? join(benchRoot, 'results', `${run.started.replaceAll(':', '-').slice(0, 19)}.json`),
		);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, `${JSON.stringify(run, undefined, '\t')}\n`);
		process.stdout.write(`\n${terminalReport(run)}`);
		if (options.table) process.stdout.write(`\n${waitingReport(run)}\n`);
		if (kept) process.stdout.write(`\n${comparisonReport(run, kept)}\n`);
		if (options.markdown) {
			rewriteMarkdown(options.markdown, (options.table ? waitingReport : markdownReport)(run), options.table);
		}
		tell(`\nThe figures of every round: ${file}`);
	} else process.stdout.write(usage);
} catch (error) {
	tell(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}

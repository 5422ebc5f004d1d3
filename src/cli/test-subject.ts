import type { StatedCall } from '../conformance/subject/call-finder.ts';
import { connectedSubject } from '../conformance/subject/connected-subject.ts';
import { startSubject } from '../conformance/subject/started-subject.ts';
import type { Subject } from '../conformance/subject/subject.ts';
import { resolveCertsDir } from '../runtime/identity/directory/certs-directory.ts';
import { ensureIdentity } from '../runtime/identity/upkeep/ensure-identity.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { openTarget } from '../toolchain/targets/open-target.ts';
import type { Target } from '../toolchain/targets/target.ts';
import { readBootConfiguration } from './boot-configuration.ts';
import { readInheritedEnvironment } from './inherited-environment.ts';
import { parseDuration } from './parse-duration.ts';
import { PluginOutput } from './plugin-output.ts';
import { readCarrier } from './read-carrier.ts';
import type { TargetFlags } from './target-flags.ts';

/** A target to test, and how to start it. */
export interface TestedTarget {
	readonly word: string;
	readonly target: Target;
	/** Calls that the author says work. */
	readonly calls: readonly StatedCall[];
	/** Values that cases boot it with. */
	readonly config: Readonly<Record<string, string>>;
}

/** The checks send raw bytes to a port. */
function checkedCarrier(flags: TargetFlags): 'quic' | 'tcp' {
	const carrier = readCarrier(flags) ?? 'quic';
	if (carrier !== 'fd') return carrier;
	throw new OrchestraError('usage', 'conformance is checked over quic or tcp, where anybody could be', {
		hint: 'Leave --carrier out, or add --cases-only.',
	});
}

/** Starts the plugin of a target for the conformance checks, or connects to one that runs. Whoever gets it closes it. */
export async function openSubject(
	{ word, target, calls, config }: TestedTarget,
	flags: TargetFlags,
	signal: AbortSignal,
): Promise<Subject> {
	const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
	const output = new PluginOutput({ ...flags, json: true });
	if (target.kind === 'mcp') {
		throw new OrchestraError('usage', `${word} is an MCP server: the checks are of our own protocol`, {
			hint: 'Test it with cases: --cases FILE --cases-only.',
		});
	}
	if (target.kind !== 'address') {
		return startSubject({
			name: word,
			target,
			carrier: checkedCarrier(flags),
			config: { ...config, ...readBootConfiguration(flags.config) },
			inheritEnv: readInheritedEnvironment(flags),
			timeoutMs,
			signal,
			calls,
			onOutput: (line) => output.line(word, line),
		});
	}
	const opened = await openTarget(target, {
		certsDir: flags['certs-dir'],
		timeoutMs,
		signal,
		onLog: output.log,
		onOutput: output.line,
	});
	try {
		const plaintext = target.address.carrier === 'tcp+plain';
		const identity = plaintext
			? { name: 'cli', certificatePem: '', privateKeyPem: '', caPem: '' }
			: await ensureIdentity(resolveCertsDir(flags['certs-dir']), 'cli');
		return await connectedSubject(word, opened, identity, calls);
	} catch (error) {
		await opened.close();
		throw error;
	}
}

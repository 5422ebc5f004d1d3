import { parseAddress } from '../../runtime/carrier/address.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OpenedTarget } from '../../toolchain/targets/opened-target.ts';
import { callFinder, type StatedCall } from './call-finder.ts';
import { answerMs } from './exchange.ts';
import type { Instance, Subject } from './subject.ts';

/**
 * A plugin under test that runs already, at an address: what has to start and end it cannot be checked.
 *
 * @throws OrchestraError `usage` where an orchestrator is there
 */
export async function connectedSubject(
	name: string,
	target: OpenedTarget,
	identity: Identity,
	calls: readonly StatedCall[],
): Promise<Subject> {
	const { client, link } = target;
	if (target.orchestrator) {
		throw new OrchestraError('usage', `at ${name} is an orchestrator: the conformance of plugins is tested`, {
			hint: 'Name a plugin, or test cases only, with --cases-only.',
		});
	}
	const options = { timeoutMs: answerMs };
	const instance: Instance = {
		connection: link,
		address: parseAddress(link.peer.address),
		identity,
		description: await client.describe(options),
		registration: undefined,
		manifest: target.manifests[0],
		tools: await client.listTools(options),
		prompts: await client.listPrompts(options),
		process: undefined,
		output: { lines: 0, bytes: 0 },
	};
	const findCall = callFinder(calls);
	const runs = () => Promise.reject(new OrchestraError('internal', 'it is not started here'));
	return {
		name,
		starts: false,
		startFailure: undefined,
		instance: async () => instance,
		launch: runs,
		launchAlone: runs,
		runManifest: runs,
		callOf: (kind) => findCall(instance, kind),
		close: () => target.close(),
	};
}

const forwarded = ['orchestrator/forwarded-calls.test.ts'];
const main = ['orchestrator/orchestrator.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'the orchestrator closes its own identity when it stops',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: '\t\tthis.#identity?.close();\n',
		to: '',
		tests: [...forwarded, ...main],
	},
	{
		breaks: 'a call that takes longer than the last answers get is still answered during a stop',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'await drained(calls, graceMs);',
		to: 'await drained(calls, Math.min(graceMs, 200));',
		tests: forwarded,
	},
	{
		breaks: 'the timer of a stop does not outlive it',
		file: 'runtime/orchestrator/under-way.ts',
		from: '\tclearTimeout(timer);\n',
		to: '',
		tests: forwarded,
	},
	{
		breaks: 'a plugin that was removed gets no events',
		file: 'runtime/orchestrator/plugin-events.ts',
		from: '\t\t\tbefore.subscription.close();\n',
		to: '',
		tests: ['events/plugin-subscriptions.test.ts', 'events/bus.test.ts', ...forwarded],
	},
	{
		breaks: 'calls from outside are refused once a stop has begun',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'if (this.#closed && !slot) exchange',
		to: 'if (this.#closed && slot === null) exchange',
		tests: [...main, ...forwarded],
	},
	{
		breaks: 'a front end is refused once a stop has begun',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'if (this.#closed) exchange',
		to: 'if (this.#closed && peer.name === "") exchange',
		tests: [...main, ...forwarded],
	},
	{
		breaks: 'the plugins that others need are stopped after these others',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'await stopInOrder(this.#table.slots);',
		to: 'await Promise.all(this.#table.slots.map((slot) => slot.stop()));\n\t\tvoid stopInOrder;',
		tests: ['toolchain/serve', ...main],
	},
	{
		breaks: 'who publishes is what the certificate says',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'request.publish.sourcePlugin = caller;',
		to: 'request.publish.sourcePlugin ||= caller;',
		tests: ['orchestrator/identity-binding.test.ts'],
	},
	{
		breaks: 'who calls is what the certificate says',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'call.callerPlugin = caller;',
		to: 'call.callerPlugin ||= caller;',
		tests: ['orchestrator/identity-binding.test.ts'],
	},
	{
		breaks: 'a client has at most 64 streams of events',
		file: 'runtime/orchestrator/event-streams.ts',
		from: 'if (count < maxStreams) return;',
		to: 'if (count <= maxStreams * 2) return;',
		tests: ['events/client-events.test.ts', 'events/access.test.ts', ...forwarded],
	},
	{
		breaks: 'a stream of events that its client has left is forgotten',
		file: 'runtime/orchestrator/event-streams.ts',
		from: '\t\t\tthis.#open.delete(subscription);\n',
		to: '',
		tests: ['events/client-events.test.ts', ...forwarded],
	},
	{
		breaks: 'a program that reads events hears that the orchestrator stops',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: '\t\tthis.#eventStreams.end(this.#shuttingDown());\n',
		to: '',
		tests: ['events/client-events.test.ts', ...forwarded],
	},
	{
		breaks: 'a handler whose tools call one another in a circle is told',
		file: 'runtime/orchestrator/orchestrator.ts',
		from: 'if (cycle) {',
		to: "if (cycle?.code === 'internal') {",
		tests: main,
	},
];

const loading = ['seams/seams.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'what was started for a seam is stopped where the plugin has none',
		file: 'runtime/seams/load-seam.ts',
		from: '\t\tawait orchestrator.stop({ graceMs: 0 });\n\t\tthrow',
		to: '\t\tthrow',
		tests: loading,
	},
	{
		breaks: 'a plugin that ends is told to its host with the reason',
		file: 'runtime/seams/load-seam.ts',
		from: 'controller.abort(error ?? new OrchestraError',
		to: 'controller.abort(new OrchestraError',
		tests: loading,
	},
	{
		breaks: 'a plugin that is not the one that was asked for is refused',
		file: 'runtime/seams/load-seam.ts',
		from: 'orchestrator.host(source, { id })',
		to: 'orchestrator.host(source, { id: id && undefined })',
		tests: loading,
	},
	{
		breaks: 'an error at the start names the seam and the plugin',
		file: 'runtime/seams/load-seam.ts',
		from: '`start ${seam} plugin ${JSON.stringify(label)}: ${error.message}`',
		to: '`${error.message}`',
		tests: loading,
	},
	{
		breaks: 'a log of the plugin reaches its host',
		file: 'runtime/seams/load-seam.ts',
		from: 'new Orchestrator({ onLog, onOutput })',
		to: 'new Orchestrator({ onLog: onLog && undefined, onOutput })',
		tests: loading,
	},
	{
		breaks: 'the highest version that both have is taken',
		file: 'runtime/seams/choose-version.ts',
		from: '.sort((a, b) => b.version - a.version)',
		to: '.sort((a, b) => a.version - b.version)',
		tests: loading,
	},
	{
		breaks: 'a plugin with other versions only is refused',
		file: 'runtime/seams/choose-version.ts',
		from: '.filter(({ version }) => versions.includes(version))',
		to: '.filter(({ version }) => versions.length > 0 && version > 0)',
		tests: loading,
	},
	{
		breaks: 'a plugin without the seam says which it has',
		file: 'runtime/seams/choose-version.ts',
		from: '`It serves ${has}.`',
		to: "'It serves others.'",
		tests: loading,
	},
	{
		breaks: 'an answer that does not fit its schema is an error',
		file: 'runtime/seams/check-value.ts',
		from: 'if (!result.issues) return result.value;',
		to: 'if (!result.issues || value !== undefined) return value;',
		tests: loading,
	},
	{
		breaks: 'an item of a stream that does not fit its schema is an error',
		file: 'runtime/seams/seam-client.ts',
		from: 'yield await checked(item);',
		to: 'yield item;',
		tests: loading,
	},
];

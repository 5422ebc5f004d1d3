const stdio = ['mcp/stdio.test.ts'];
const http = ['mcp/http.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'a page of a list has 200 entries',
		file: 'mcp/listing/page.ts',
		from: 'const pageSize = 200;',
		to: 'const pageSize = 20_000;',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'a cursor of another list is refused',
		file: 'mcp/listing/page.ts',
		from: 'if (at < 0)\n',
		to: 'if (at < -1)\n',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'names of tools have 64 characters at most',
		file: 'mcp/listing/tool-names.ts',
		from: 'const maxLength = 64;',
		to: 'const maxLength = 640;',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'two tools of one name have the names of their plugins in front',
		file: 'mcp/listing/tool-names.ts',
		from: 'const wanted = counts.get(own) === 1 ? own :',
		to: 'const wanted = counts.has(own) ? own :',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'a request without the token is refused',
		file: 'mcp/serving/http-gate.ts',
		from: 'if (!timingSafeEqual(digest(given), expected)) return unauthorized();',
		to: '',
		tests: http,
	},
	{
		breaks: 'a page of another origin is refused',
		file: 'mcp/serving/http-gate.ts',
		from: ' ?? originValidationResponse(request, origins)',
		to: ' ?? (origins.length < 0 ? originValidationResponse(request, origins) : undefined)',
		tests: http,
	},
	{
		breaks: 'a request that names another host is refused',
		file: 'mcp/serving/http-gate.ts',
		from: 'hostHeaderValidationResponse(request, hosts) ??',
		to: '(hosts.length < 0 ? hostHeaderValidationResponse(request, hosts) : undefined) ??',
		tests: http,
	},
	{
		breaks: 'a session that has ended is not found',
		file: 'mcp/serving/legacy-sessions.ts',
		from: 'refusal(404, -32001,',
		to: 'refusal(400, -32001,',
		tests: http,
	},
	{
		breaks: 'a session that the client ended is gone',
		file: 'mcp/serving/legacy-sessions.ts',
		from: 'onsessionclosed: (id) => this.#end(id),',
		to: '',
		tests: http,
	},
	{
		breaks: 'progress only goes up',
		file: 'mcp/calls/progress-notices.ts',
		from: 'if (progress <= this.#last) return;',
		to: '',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'a stream becomes a result of 4 MiB at most',
		file: 'mcp/calls/stream-result.ts',
		from: 'if (size > maxStreamBytes) {',
		to: 'if (size > 100 * maxStreamBytes) {',
		tests: [...stdio, ...http],
	},
	{
		breaks: 'a stream of bytes is no text',
		file: 'mcp/calls/stream-result.ts',
		from: "if (!text.includes('\\ufffd')) return",
		to: "if (text !== '') return",
		tests: [...stdio, ...http],
	},
	{
		breaks: 'a resource whose subscription ended is heard of no more',
		file: 'mcp/serving/subscriptions.ts',
		from: '\t\tsubscribed.delete(uri);\n',
		to: '',
		tests: [...stdio, ...http],
	},
];

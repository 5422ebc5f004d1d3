import { existsSync } from 'node:fs';
import { isAddressUrl, parseAddress } from '../../runtime/carrier/address.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { resolveLocalTarget } from './local-target.ts';
import { mcpLabel, mcpPrefix, parseMcpTarget } from './mcp-target.ts';
import type { Target, TargetContext } from './target.ts';

/**
 * Tells what the word for a target means: an address (`quic://…`, `tcp://…`, `tcp+plain://…`, or `host:port`), an MCP server (`mcp:…`), the id of an installed plugin, a folder or module with a plugin in it, or an executable. An id wins over a file of that
 * name in the working folder, which is `./name`: what a folder happens to hold does not change what an id means.
 *
 * @throws OrchestraError `usage` where `host:port` is a file as well, `invalid_address`, `target_not_found`, `not_a_plugin`; for an id `integrity_failed`, `lock_mismatch`, `registry_unusable`
 */
export function resolveTarget(word: string, context: TargetContext = {}): Target {
	if (word.startsWith(mcpPrefix)) {
		const settings = parseMcpTarget(word);
		return { kind: 'mcp', label: mcpLabel(settings), settings };
	}
	if (isAddressUrl(word)) return { kind: 'address', address: parseAddress(word) };
	if (/^(\[[^\]]+\]|[\w.-]+):\d+$/.test(word)) {
		if (existsSync(word)) throw ambiguous(word);
		return { kind: 'address', address: parseAddress(word) };
	}
	if (/^[a-z][\w+.-]*:\/\//i.test(word)) parseAddress(word); // Says which schemes there are.
	return resolveLocalTarget(word, context);
}

/** Somebody may have put a file there so that it is run in the place of what is at that address. */
function ambiguous(word: string): OrchestraError {
	return new OrchestraError('usage', `${word} is an address, and a file in this folder has that name too`, {
		hint: `Which one is meant? The address is quic://${word} or tcp://${word}, the file is ./${word}.`,
		details: { target: word },
	});
}

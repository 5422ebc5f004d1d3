/**
 * What a reader can do about each error code, where the hint of the error itself is not at hand: docs/reference/errors.md. A code of
 * src/runtime/wire/error-code.ts that is missing here fails `npm run check:generated`.
 */
export const errorRemedies = {
	tool_not_found: 'List the tools with `orchestra call TARGET`, and check the name.',
	handler_error:
		'Read the message and its causes; the stack is in the log of the plugin. It is the author of the tool who can mend it.',
	unknown_request:
		'The peer speaks only the core protocol, or an older version: use what it has, or update it.',
	routing_error:
		'Ask the plugin itself whether it works (`orchestra inspect`); the message says where the request could not go.',
	invalid_response: 'The peer breaks the protocol: hold it against `orchestra test`, and tell its author.',

	invalid_arguments:
		'Correct the arguments: `details` has the place of each fault. `orchestra inspect TARGET TOOL` shows what the tool takes.',
	invalid_result: 'Let the handler return JSON: [wire-values.md](../wire-values.md).',
	tool_is_streaming: 'Read it as a stream: `client.streamTool`; `orchestra call` does so by itself.',
	input_required: 'Call it through a client that can answer questions, such as an MCP client.',
	prompt_not_found: 'List the prompts with `orchestra prompt TARGET`, and check the name.',
	plugin_not_found: 'List the plugins of the server with `orchestra ps`, and check the id.',
	plugin_unavailable:
		'See why it does not run: `orchestra ps`, `orchestra logs ID`; then `orchestra start ID`.',
	permission_denied:
		'Let a rule allow it (`access` in orchestra.yaml), or declare what the plugin needs in its definition.',
	call_cycle: 'Break the circle: the message names the tools that call each other.',
	provider_required:
		'Say which provider is meant: `call --provider NAME`, or `default_provider` in orchestra.yaml.',
	provider_not_found: 'Serve a plugin of that provider, or name another one.',
	service_not_found: 'The peer is older, or no server of this kind: update it, or ask another one.',
	service_version_mismatch: 'Use the same version of orchestra on both sides.',
	method_not_found: 'The peer is older, or the Go plugin does not implement the method: update it.',
	not_found: 'Check the key: there is nothing under it.',
	conflict: 'Something is there already: use another key, or change what is there.',
	seam_not_found: 'The hint lists the seams that the plugin serves; load one of them, or another plugin.',
	seam_version_mismatch: 'Update the older of the two: the message has the versions of both.',
	invalid_topic: 'Correct the topic: [events.md](../events.md) says what one looks like.',
	event_too_large: 'Publish where the data is, not the data.',
	shutting_down: 'Call again when the plugin has started again.',
	cancelled: 'Nothing: whoever called has ended the call.',
	deadline_exceeded:
		'Allow more time (`--timeout`), or find out what the tool waits for: `call -v` says where the time went.',

	session_not_found: 'Open the session first: it was closed, or never opened.',
	session_exists: 'Use another id, or close the session of that id.',
	session_failed: 'Read why in the message: a plugin could not open its part.',
	hook_failed: 'Read which hook failed, and why, in the message.',
	before_tool_call_failed: 'A plugin refused the call, or failed in its hook: the message says which.',
	snapshot_mismatch:
		'Open the session without the snapshot, or with the version of the plugin that wrote it.',
	operation_not_found: 'Check the name: `orchestra inspect TARGET` lists the operations.',

	handler_not_found: 'List the resources with `orchestra exec TARGET --list`.',
	session_closed: 'Open another session: this one has ended.',
	terminal_error:
		'Read why in the message: the program is not there, or this machine has no terminal for it.',

	storage_unavailable: 'Serve a plugin that provides a storage of that type.',
	storage_not_found: 'Check the path: `orchestra storage TARGET list` shows what is there.',
	storage_conflict: 'Read the entry again, and write over the version that you read.',

	message_too_large: 'Send less at once, or as a stream.',
	nesting_too_deep: 'Flatten the value: 100 levels is the most.',
	malformed_message:
		'The peer speaks another protocol, or something on the way changed the bytes: check the address.',
	not_json: 'Send JSON: [wire-values.md](../wire-values.md) says what it is.',

	invalid_address: 'Write `quic://HOST:PORT`, `tcp://HOST:PORT`, or `tcp+plain://HOST:PORT` on loopback.',
	unreachable: 'Start the server, or check the address and the firewall.',
	address_in_use:
		'Stop what listens there, or listen elsewhere: `--listen tcp://127.0.0.1:0` takes any free port.',
	handshake_failed:
		'Check that the peer speaks TLS with certificates of the same authority, and that the address is its own.',
	peer_rejected:
		'Issue the certificate with the authority of the peer: [two machines](../how-to/two-machines.md).',
	identity_mismatch: 'Another program answers there: check the address, or the id in the configuration.',
	peer_expired: 'Renew the certificate of the peer: `orchestra certs renew NAME` on its machine.',
	peer_not_yet_valid: 'Check the clocks of both machines.',
	peer_untrusted:
		'Both sides need the same authority: check `--certs-dir`, or export a certificate to this machine.',
	peer_revoked: 'Issue another certificate, or allow it again: `orchestra certs revoke NAME --undo`.',
	connection_lost: 'The peer has ended, or the network failed: look at its log, and call again.',
	connection_closed: 'Nothing: this side has closed it.',
	overloaded: 'Wait for something to end, then try again.',
	carrier_unavailable: 'Use a `tcp://` address: QUIC has no binary for this machine.',

	invalid_name: 'Use letters, digits, `.`, `_` and `-`, 64 at most.',
	certificate_missing: 'Make it: `orchestra certs issue NAME`; the authority: `orchestra certs init`.',
	certificate_exists: 'Use the one that is there, or replace it with `--force`.',
	certificate_invalid:
		'Restore the file, or issue the certificate again: `orchestra certs issue NAME --force`.',
	certificate_expired: 'Renew it: `orchestra certs renew NAME`.',
	certificate_not_yet_valid: 'Check the clock of this machine.',
	certificate_expires_soon: 'Renew it: `orchestra certs renew NAME`.',
	certificate_untrusted: 'Issue it again with this authority: `orchestra certs issue NAME --force`.',
	certificate_revoked: 'Allow it again (`orchestra certs revoke NAME --undo`), or issue another.',
	rotation_conflict:
		'See how it stands with `orchestra certs status`; `orchestra certs rotate --finish` ends the overlap.',
	key_exposed: 'Run the `chmod` of the hint. If others may have read the key, issue the certificate anew.',
	certs_dir_unusable: 'Name a directory that you own: `--certs-dir`, or `ORCHESTRA_CERTS_DIR`.',

	invalid_plugin: 'Correct the definition: the message says what is wrong with it.',
	invalid_schema: 'Correct the schema: `orchestra inspect` shows the place.',
	not_a_plugin: 'Let the module export the plugin as its default: `export default createPlugin(…)….build()`.',
	plugin_load_failed: 'Mend the module: the message has the file and the line; `-v` shows the stack.',
	target_not_found: 'Check the path or the id; `orchestra plugins` lists what is installed.',
	start_failed:
		'Read the last output of the process in the hint. `orchestra test TARGET --only ready-line` shows what a host expects.',
	registration_rejected: 'Read why in the message: the host does not take the plugin.',
	boot_failed: 'Read why in the message; check what `--config` or `config` hands to the plugin.',
	duplicate_tool:
		'Leave one of the plugins out, or say who serves the tool: `routes` in orchestra.yaml, `--prefer ID`.',
	duplicate_prompt:
		'Leave one of the plugins out, or say who serves the prompt: `routes` in orchestra.yaml, `--prefer ID`.',
	duplicate_storage:
		'Leave one of the plugins out, or say who serves the storage: `routes` in orchestra.yaml, `--prefer ID`.',
	duplicate_provider: 'Leave one of the plugins out.',
	duplicate_plugin: 'Leave one of them out, or give it another id.',
	no_orchestrator: 'Run the plugin in a host: `orchestra call`, `orchestra serve`, or `new Orchestrator()`.',

	cluster_unavailable:
		'Start the NATS server, or see why it cannot be reached: `orchestra ps` shows how the node stands.',
	cluster_refused:
		'Give the user of the node what it needs: `orchestra cluster permissions` prints the configuration of the server.',
	cluster_mismatch:
		'Give all nodes the same `cluster.lease` and `cluster.name`, and versions that fit together.',
	node_conflict: 'Give each node a name and a certificate of its own: `cluster.node` in orchestra.yaml.',
	node_lost: 'See how the nodes stand: `orchestra ps --cluster`. Whether the call was done is not known.',
	lease_lost: 'Call again: another node takes the plugin over.',

	fetch_failed: 'Read what npm or git said; does the same work with npm or git itself?',
	archive_refused: 'Make the archive with `orchestra build --pack` or `npm pack`.',
	invalid_manifest: 'Let `--manifest` print what [process-contract.md](../process-contract.md) asks for.',
	requirement_unmet:
		'Update orchestra (or the runtime that the message names), or install another version of the plugin.',
	plugin_conflict: 'Replace the one that is there with `--replace`, or remove it first.',
	plugin_not_installed: '`orchestra plugins` lists what is installed; `orchestra install SOURCE` installs.',
	registry_unusable: 'Make the folder yours to read and write, or name another with `ORCHESTRA_HOME`.',
	integrity_failed: 'Install it again: `orchestra install SOURCE`.',
	setting_missing: 'Set the variables that the message names in the environment, and run it again.',
	lock_mismatch: 'Take what is there now with `orchestra update ID`, or find out who changed the source.',
	no_space: 'Make room, and try again: what was acknowledged before is as it was.',

	usage: 'Read the hint, or `orchestra COMMAND --help`.',
	invalid_configuration:
		'Mend the file at the places that the message lists: [configuration](configuration.md).',
	build_failed: 'Mend what the message lists; `--no-check` builds without a check of types.',
	tests_failed: 'Read each failure: what was expected, what came, and why it matters.',
	faults_found: 'Run the command that stands under each fault, then `orchestra doctor` again.',
	too_many_files: 'Raise the limit: `ulimit -n 4096`, or `LimitNOFILE=4096` of a systemd service.',
	output_failed: 'Make room, or send the output elsewhere.',
	directory_not_empty: 'Choose an empty or a new folder.',
	internal: 'Report it, with the stack that `-v` shows.',
	update_conflict:
		'Your files stay as they are. Take what you want of the files that are named, then remove these.',
};

/**
 * Every error code this project produces. A code is stable: it may be matched on by scripts and by peers, and is the same in
 * process, over the wire and in `--json` output. Tools may answer with codes of their own besides these.
 */
export const errorCodes = {
	// Codes of the Go side too.
	tool_not_found: 'no tool of that name',
	handler_error: 'the handler threw',
	unknown_request: 'the peer does not know this kind of request',
	routing_error: 'the request could not be routed to a plugin',
	invalid_response: 'the peer answered with something that does not fit the request',

	// The call.
	invalid_arguments: 'the arguments do not fit the schema',
	invalid_result: 'the handler returned something that is not JSON',
	tool_is_streaming: 'the tool answers with a stream, not with one result',
	input_required: 'the tool needs answers of its caller first',
	prompt_not_found: 'no prompt of that name',
	plugin_not_found: 'the server has no plugin of that id',
	plugin_unavailable: 'the plugin does not run now',
	permission_denied: 'the certificate of the caller does not allow this',
	call_cycle: 'tools call each other in a circle',
	provider_required: 'several AI providers have the tool, and the call names none',
	provider_not_found: 'no plugin provides for that AI provider',
	service_not_found: 'the peer has no service of that name',
	service_version_mismatch: 'the peer has another version of the service',
	method_not_found: 'the service has no method of that name',
	not_found: 'nothing of that key',
	conflict: 'something of that key is there already',
	seam_not_found: 'the plugin does not serve the seam',
	seam_version_mismatch: 'the plugin and its host have no version of the seam in common',
	invalid_topic: 'no topic, or no pattern of topics',
	event_too_large: 'more than an event may hold',
	shutting_down: 'the plugin is stopping',
	cancelled: 'the caller cancelled',
	deadline_exceeded: 'the deadline passed',

	// Sessions.
	session_not_found: 'no session of that id is open',
	session_exists: 'a session of that id is open',
	session_failed: 'a plugin could not open its part of a session',
	hook_failed: 'a hook that has to succeed failed',
	before_tool_call_failed: 'a hook before a tool call failed, and the tool did not run',
	snapshot_mismatch: 'the snapshot is of another version of the plugin',
	operation_not_found: 'no query, command or task of that name',

	// Terminal sessions.
	handler_not_found: 'nothing opens terminals on that resource',
	session_closed: 'the session has ended',
	terminal_error: 'the terminal could not be opened, or its program not be run',

	// Storage.
	storage_unavailable: 'nothing provides this storage',
	storage_not_found: 'no entry at that path',
	storage_conflict: 'the entry is at another version',

	// The wire.
	message_too_large: 'more than 16 MiB in one message',
	nesting_too_deep: 'a value is nested deeper than 100 levels',
	malformed_message: 'bytes that are no message of this protocol',
	not_json: 'a value that JSON cannot express',

	// The connection.
	invalid_address: 'not an address',
	unreachable: 'nothing answers at that address',
	address_in_use: 'the address is taken',
	handshake_failed: 'TLS could not be agreed on',
	peer_rejected: 'the peer refused our certificate',
	identity_mismatch: 'the peer is not who it has to be',
	peer_expired: 'the certificate of the peer is past its end',
	peer_not_yet_valid: 'the certificate of the peer is not valid yet',
	peer_untrusted: 'the certificate of the peer was not issued by our CA',
	peer_revoked: 'the certificate of the peer was revoked',
	connection_lost: 'the connection ended before the answer came',
	connection_closed: 'the connection was closed on this side',
	overloaded: 'too much is under way already',
	carrier_unavailable: 'this carrier does not work on this machine',

	// Identity.
	invalid_name: 'a name that cannot name a certificate',
	certificate_missing: 'no such certificate',
	certificate_exists: 'there is a certificate of that name already',
	certificate_invalid: 'the certificate or key cannot be used',
	certificate_expired: 'the certificate is past its end',
	certificate_not_yet_valid: 'the certificate is not valid yet',
	certificate_expires_soon: 'the certificate is due to be renewed',
	certificate_untrusted: 'the certificate was not issued by this CA',
	certificate_revoked: 'the certificate was revoked',
	rotation_conflict: 'a rotation of the CA is under way, or none is',
	key_exposed: 'a private key that others on this machine can read',
	certs_dir_unusable: 'the certificates directory cannot be read or written',

	// Plugins and processes.
	invalid_plugin: 'the definition of the plugin is wrong',
	invalid_schema: 'an input schema is no JSON Schema',
	not_a_plugin: 'the module has no plugin as its default export',
	plugin_load_failed: 'the module could not be loaded',
	target_not_found: 'no such file, folder or plugin',
	start_failed: 'the process did not become ready',
	registration_rejected: 'the peer refused the registration',
	boot_failed: 'the plugin could not boot',
	duplicate_tool: 'two tools have the same name',
	duplicate_prompt: 'two prompts have the same name',
	duplicate_storage: 'two plugins provide the same storage type',
	duplicate_provider: 'two plugins provide the same tool for the same AI provider',
	duplicate_plugin: 'two plugins have the same id',
	no_orchestrator: 'the plugin runs without an orchestrator',

	// Installed plugins.
	fetch_failed: 'npm or git could not bring what was asked for',
	archive_refused: 'an archive that is damaged, too large or unsafe',
	invalid_manifest: 'what the plugin says of itself cannot be used',
	setting_missing: 'an installed MCP server needs a variable of the environment that is not set',
	requirement_unmet: 'the plugin requires another version of orchestra',
	plugin_conflict: 'a plugin of that id is installed from elsewhere',
	plugin_not_installed: 'no installed plugin of that id',
	registry_unusable: 'the installed plugins cannot be read or written',
	integrity_failed: 'an installed file is not what was installed',
	lock_mismatch: 'the lock file and what was found differ',
	no_space: 'the disk is full',

	// Many machines.
	cluster_unavailable: 'the cluster cannot be reached now',
	cluster_refused: 'NATS does not allow this node what it needs',
	cluster_mismatch: 'nodes of one cluster do not fit together',
	node_conflict: 'two nodes have the same name',
	node_lost: 'the node that served the call is gone',
	lease_lost: 'the node does not hold what it served',

	// Tools of the trade.
	usage: 'the command line is wrong',
	invalid_configuration: 'the configuration file is wrong',
	build_failed: 'the plugin does not build',
	tests_failed: 'the plugin did not pass a test',
	faults_found: 'something on this machine or in the project is wrong',
	too_many_files: 'this process may not open any more files',
	output_failed: 'what was to be printed could not be written',
	directory_not_empty: 'the directory holds something already',
	update_conflict: 'the author and the template have changed the same place',
	internal: 'a defect in orchestra',
} as const;

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

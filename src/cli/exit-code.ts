import { PeerError } from '../runtime/client/peer-error.ts';
import type { ErrorCode } from '../runtime/wire/error-code.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Exit codes of the executable. Scripts rely on these: docs/cli.md lists them. */
export const exitCodes = {
	ok: 0,
	/** A defect in orchestra itself, or what was to be written could not be. */
	bug: 1,
	/** A bad flag or a bad argument. */
	usage: 2,
	/** The plugin, file or folder given is not valid. */
	invalid: 3,
	/** Nothing answers, or a start or a handshake failed. */
	unreachable: 4,
	/** The tool answered with an error. */
	toolError: 5,
	/** The deadline passed. */
	deadline: 6,
	/** Interrupted by Ctrl-C: 128 + SIGINT. */
	interrupted: 130,
} as const;

/** One for each code: the compiler finds the one that is missing. */
const byCode: Record<ErrorCode, number> = {
	usage: exitCodes.usage,
	invalid_address: exitCodes.usage,
	invalid_name: exitCodes.usage,
	invalid_arguments: exitCodes.usage,
	tool_not_found: exitCodes.usage,
	prompt_not_found: exitCodes.usage,
	plugin_not_found: exitCodes.usage,
	provider_required: exitCodes.usage,
	provider_not_found: exitCodes.usage,
	invalid_topic: exitCodes.usage,
	event_too_large: exitCodes.usage,
	directory_not_empty: exitCodes.usage,
	certificate_exists: exitCodes.usage,
	rotation_conflict: exitCodes.usage,
	plugin_conflict: exitCodes.usage,
	plugin_not_installed: exitCodes.usage,

	target_not_found: exitCodes.invalid,
	setting_missing: exitCodes.invalid,
	not_a_plugin: exitCodes.invalid,
	plugin_load_failed: exitCodes.invalid,
	invalid_plugin: exitCodes.invalid,
	invalid_schema: exitCodes.invalid,
	duplicate_tool: exitCodes.invalid,
	duplicate_prompt: exitCodes.invalid,
	duplicate_storage: exitCodes.invalid,
	duplicate_provider: exitCodes.invalid,
	duplicate_plugin: exitCodes.invalid,
	build_failed: exitCodes.invalid,
	invalid_configuration: exitCodes.invalid,
	certificate_missing: exitCodes.invalid,
	certificate_invalid: exitCodes.invalid,
	certificate_expired: exitCodes.invalid,
	certificate_not_yet_valid: exitCodes.invalid,
	certificate_untrusted: exitCodes.invalid,
	certificate_revoked: exitCodes.invalid,
	certificate_expires_soon: exitCodes.invalid,
	key_exposed: exitCodes.invalid,
	certs_dir_unusable: exitCodes.invalid,
	archive_refused: exitCodes.invalid,
	invalid_manifest: exitCodes.invalid,
	requirement_unmet: exitCodes.invalid,
	faults_found: exitCodes.invalid,
	update_conflict: exitCodes.invalid,
	registry_unusable: exitCodes.invalid,
	integrity_failed: exitCodes.invalid,
	lock_mismatch: exitCodes.invalid,

	unreachable: exitCodes.unreachable,
	fetch_failed: exitCodes.unreachable,
	address_in_use: exitCodes.unreachable,
	handshake_failed: exitCodes.unreachable,
	peer_rejected: exitCodes.unreachable,
	identity_mismatch: exitCodes.unreachable,
	peer_expired: exitCodes.unreachable,
	peer_not_yet_valid: exitCodes.unreachable,
	peer_untrusted: exitCodes.unreachable,
	peer_revoked: exitCodes.unreachable,
	connection_lost: exitCodes.unreachable,
	connection_closed: exitCodes.unreachable,
	carrier_unavailable: exitCodes.unreachable,
	start_failed: exitCodes.unreachable,
	too_many_files: exitCodes.unreachable,
	registration_rejected: exitCodes.unreachable,
	boot_failed: exitCodes.unreachable,
	overloaded: exitCodes.unreachable,
	invalid_response: exitCodes.unreachable,
	unknown_request: exitCodes.unreachable,
	plugin_unavailable: exitCodes.unreachable,
	permission_denied: exitCodes.unreachable,
	routing_error: exitCodes.unreachable,
	storage_unavailable: exitCodes.unreachable,
	shutting_down: exitCodes.unreachable,
	cluster_unavailable: exitCodes.unreachable,
	cluster_refused: exitCodes.unreachable,
	cluster_mismatch: exitCodes.unreachable,
	node_conflict: exitCodes.unreachable,
	node_lost: exitCodes.unreachable,
	lease_lost: exitCodes.unreachable,
	service_not_found: exitCodes.unreachable,
	service_version_mismatch: exitCodes.unreachable,
	method_not_found: exitCodes.unreachable,

	// The tool answered with what cannot be held here.
	call_cycle: exitCodes.toolError,
	input_required: exitCodes.toolError,
	not_json: exitCodes.toolError,
	nesting_too_deep: exitCodes.toolError,
	message_too_large: exitCodes.toolError,
	malformed_message: exitCodes.toolError,

	// Results of tests.
	tests_failed: exitCodes.toolError,

	// Results of sessions.
	session_not_found: exitCodes.toolError,
	session_exists: exitCodes.toolError,
	session_failed: exitCodes.toolError,
	hook_failed: exitCodes.toolError,
	before_tool_call_failed: exitCodes.toolError,
	snapshot_mismatch: exitCodes.toolError,
	operation_not_found: exitCodes.toolError,

	// Results of terminal sessions.
	handler_not_found: exitCodes.toolError,
	session_closed: exitCodes.toolError,
	terminal_error: exitCodes.toolError,

	// Answers of handlers and stores.
	handler_error: exitCodes.toolError,
	invalid_result: exitCodes.toolError,
	no_orchestrator: exitCodes.toolError,
	tool_is_streaming: exitCodes.toolError,
	storage_not_found: exitCodes.toolError,
	not_found: exitCodes.toolError,
	conflict: exitCodes.toolError,
	seam_not_found: exitCodes.invalid,
	seam_version_mismatch: exitCodes.invalid,
	storage_conflict: exitCodes.toolError,

	internal: exitCodes.bug,
	output_failed: exitCodes.bug,
	no_space: exitCodes.bug,

	deadline_exceeded: exitCodes.deadline,
	cancelled: exitCodes.interrupted,
};

/** Codes that a plugin answers while it is started. */
const failedStarts = new Set<string>(['boot_failed', 'registration_rejected']);

/** The exit code for an error, wherever it comes from. */
export function exitCodeOf(error: unknown): number {
	if (!(error instanceof OrchestraError)) return exitCodes.bug;
	const known = byCode[error.code as ErrorCode];
	// An answer of a peer is the tool's error, except where the caller's own arguments or deadline were at fault, or where an
	// orchestrator says it of itself.
	if (error instanceof PeerError && error.origin !== 'orchestrator') {
		const kept = known === exitCodes.usage || known === exitCodes.deadline || failedStarts.has(error.code);
		return kept && known !== undefined ? known : exitCodes.toolError;
	}
	return known ?? exitCodes.bug;
}

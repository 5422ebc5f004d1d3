import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { PeerError } from '../../src/runtime/client/peer-error.ts';
import { relayedError } from '../../src/runtime/wire/relayed-error.ts';

test.each([
	['deadline_exceeded', 6, 6],
	['overloaded', 4, 5],
	['invalid_arguments', 2, 2],
	['handler_error', 5, 5],
	['boot_failed', 4, 4],
	['cancelled', 130, 5],
	['internal', 1, 5],
	['weather_is_bad', 1, 5],
])('%s exits with %d, and with %d where a plugin answered it', (code, own, answered) => {
	expect(exitCodeOf(relayedError(code, 'x'))).toBe(own);
	expect(exitCodeOf(new PeerError(code, 'x', { peer: 'weather' }))).toBe(answered);
	expect(exitCodeOf(new PeerError(code, 'x', { peer: 'weather', origin: 'orchestrator' }))).toBe(own);
});

// Scripts rely on them.
test.each([
	[
		2,
		'usage invalid_address invalid_name invalid_arguments tool_not_found prompt_not_found plugin_not_found provider_required provider_not_found invalid_topic event_too_large directory_not_empty certificate_exists rotation_conflict plugin_conflict plugin_not_installed',
	],
	[
		3,
		'target_not_found not_a_plugin plugin_load_failed invalid_plugin invalid_schema duplicate_tool duplicate_prompt duplicate_storage duplicate_provider duplicate_plugin build_failed invalid_configuration certificate_missing certificate_invalid certificate_expired certificate_not_yet_valid certificate_untrusted certificate_revoked certificate_expires_soon key_exposed certs_dir_unusable archive_refused invalid_manifest requirement_unmet faults_found registry_unusable integrity_failed lock_mismatch seam_not_found seam_version_mismatch',
	],
	[
		4,
		'unreachable fetch_failed address_in_use handshake_failed peer_rejected identity_mismatch peer_expired peer_not_yet_valid peer_untrusted peer_revoked connection_lost connection_closed carrier_unavailable start_failed too_many_files registration_rejected boot_failed overloaded invalid_response unknown_request plugin_unavailable permission_denied routing_error storage_unavailable shutting_down service_not_found service_version_mismatch method_not_found',
	],
	[
		5,
		'call_cycle input_required not_json nesting_too_deep message_too_large malformed_message tests_failed session_not_found session_exists session_failed hook_failed before_tool_call_failed snapshot_mismatch operation_not_found handler_not_found session_closed terminal_error handler_error invalid_result no_orchestrator tool_is_streaming storage_not_found not_found conflict storage_conflict',
	],
	[1, 'internal output_failed no_space'],
	[6, 'deadline_exceeded'],
	[130, 'cancelled'],
])('errors of ours that exit with %d', (exitCode, codes) => {
	for (const code of codes.split(' '))
		expect([code, exitCodeOf(relayedError(code, 'x'))]).toEqual([code, exitCode]);
});

test('what is no error of ours is a defect', () => {
	expect(exitCodeOf(new TypeError('x'))).toBe(1);
	expect(exitCodeOf(undefined)).toBe(1);
});

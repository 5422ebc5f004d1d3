import type { HostedGoPluginOptions } from '../../runtime/hosting/go-plugin/hosted-go-plugin-options.ts';
import type { GoPluginSettings } from '../../runtime/launching/go-plugin/go-plugin-settings.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { knownGoHost } from './known-go-hosts.ts';
import type { Target } from './target.ts';

/** Settings of a go-plugin that somebody stated; the others are as its well-known host has them. */
export type GoPluginChoice = Partial<GoPluginSettings> & HostedGoPluginOptions;

/** Settings that are needed to drive one. */
export type GoPluginPlan = GoPluginSettings & HostedGoPluginOptions;

/**
 * Settings of a target that is a go-plugin: by what somebody said, else by what its name says (`terraform-provider-…`). Undefined for
 * every other target.
 *
 * @throws OrchestraError `usage` where something was said of what cannot be one, or no cookie is known
 */
export function goPluginOf(target: Target, choice: GoPluginChoice | undefined): GoPluginPlan | undefined {
	if (target.kind !== 'executable') {
		if (!choice) return undefined;
		throw new OrchestraError('usage', 'only an executable can be a go-plugin', {
			hint: 'Leave --cookie, --protocol and --no-mtls out, or name the executable.',
		});
	}
	const known = knownGoHost(target.path);
	const cookie = choice?.cookie ?? known?.cookie;
	if (cookie) return { versions: known?.versions ?? [1], ...choice, cookie };
	if (!choice) return undefined;
	throw new OrchestraError('usage', `the cookie of ${target.path} is not known`, {
		hint: "Say it with --cookie KEY=VALUE: the HandshakeConfig of the plugin's host has both.",
	});
}

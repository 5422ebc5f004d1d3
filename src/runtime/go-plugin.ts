// Entry for hosts of unmodified plugins of hashicorp/go-plugin, and for plugins of ours in Go hosts: `orchestra-toolchain/go-plugin`. It is apart
// from the other entries because it is all that needs gRPC.

export type { CallbackService } from './hosting/go-plugin/callback-service.ts';
export {
	type GoPluginOptions,
	goPlugin,
	type RunningGoPluginOptions,
	runningGoPlugin,
} from './hosting/go-plugin/go-plugin-source.ts';
export type { HostedGoPluginOptions } from './hosting/go-plugin/hosted-go-plugin-options.ts';
export type { GoPluginSeam, SeamMessages } from './hosting/go-plugin/seam-messages.ts';
export type { GoPluginAttachment } from './launching/go-plugin/attach-go-plugin.ts';
export type { GoPluginSettings } from './launching/go-plugin/go-plugin-settings.ts';
export { type ServeGoPluginOptions, serveGoPlugin } from './plugin/go-plugin/serve-go-plugin.ts';
export { type ProtoSeamOptions, protoSeam } from './seams/proto-seam.ts';

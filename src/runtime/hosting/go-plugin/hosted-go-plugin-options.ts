import type { CallbackService } from './callback-service.ts';
import type { GoPluginSeam } from './seam-messages.ts';

/** Work of a host for a go-plugin besides calling it. */
export interface HostedGoPluginOptions {
	/** Services of the host that it calls. Default: none. */
	readonly callbacks?: readonly CallbackService[] | undefined;
	/** The service of each seam, by its full name: `{ clock: 'acme.v1.Clock' }`. Default: a seam is called as its service is. */
	readonly seams?: Readonly<Record<string, string | GoPluginSeam>> | undefined;
}

import type { Snapshot } from '../../model/snapshot.ts';
import type { AnyPane } from '../pane.ts';
import { type PaneName, paneNames } from '../pane-name.ts';
import { callsPane } from './calls-pane.ts';
import { eventsPane } from './events-pane.ts';
import { logsPane } from './logs-pane.ts';
import { nodesPane } from './nodes-pane.ts';
import { pluginsPane } from './plugins-pane.ts';
import { subscriptionsPane } from './subscriptions-pane.ts';

/** All panes. */
export const panes: Readonly<Record<PaneName, AnyPane>> = {
	plugins: pluginsPane,
	calls: callsPane,
	events: eventsPane,
	subscriptions: subscriptionsPane,
	logs: logsPane,
	nodes: nodesPane,
};

/** The panes of what there is here, in the order of their digits. */
export function shownPanes(snapshot: Snapshot): PaneName[] {
	return paneNames.filter((name) => panes[name].isShown?.(snapshot) ?? true);
}

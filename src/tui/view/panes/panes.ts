import type { AnyPane } from '../pane.ts';
import type { PaneName } from '../pane-name.ts';
import { callsPane } from './calls-pane.ts';
import { eventsPane } from './events-pane.ts';
import { logsPane } from './logs-pane.ts';
import { pluginsPane } from './plugins-pane.ts';
import { subscriptionsPane } from './subscriptions-pane.ts';

/** All panes. */
export const panes: Readonly<Record<PaneName, AnyPane>> = {
	plugins: pluginsPane,
	calls: callsPane,
	events: eventsPane,
	subscriptions: subscriptionsPane,
	logs: logsPane,
};

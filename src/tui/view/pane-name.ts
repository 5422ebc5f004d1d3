/** The panes, in the order of their digits. */
export const paneNames = ['plugins', 'calls', 'events', 'subscriptions', 'logs', 'nodes'] as const;

export type PaneName = (typeof paneNames)[number];

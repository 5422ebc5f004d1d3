/** The panes, in the order of their digits. */
export const paneNames = ['plugins', 'calls', 'events', 'subscriptions', 'logs'] as const;

export type PaneName = (typeof paneNames)[number];

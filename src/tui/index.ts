// Parts of the terminal interface that commands use. They import it where they need it: React is not for every command.
export { connectLocally } from './feed/local-connection.ts';
export { ServerFeed } from './feed/server-feed.ts';
export { TargetFeed } from './feed/target-feed.ts';
export { runTui } from './run-tui.tsx';

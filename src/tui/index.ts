// What commands use of the terminal interface. They import it where they need it: React is not for every command.
export { ServerFeed } from './feed/server-feed.ts';
export { runTui } from './run-tui.tsx';

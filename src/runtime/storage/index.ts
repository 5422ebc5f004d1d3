// Storages that come with this package: `orchestra-toolchain/storage`. Apart from the root, since most plugins keep nothing.
export { type MarkdownStorageOptions, markdownStorage } from './markdown/markdown-storage.ts';
export { type SqliteStorage, type SqliteStorageOptions, sqliteStorage } from './sqlite/sqlite-storage.ts';

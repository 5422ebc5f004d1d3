// Entry for tests of plugins: `orchestra-toolchain/testing`. It runs under vitest, node:test and `deno test`, and imports none of them.

export * from './exec/index.ts';
export { FakeClock } from './fake-clock.ts';
export { type Fault, FaultInjector, type FaultTarget } from './fault-injector.ts';
export { Recording, type WaitOptions } from './recording.ts';
export { TestHost, type TestHostOptions, testHost } from './test-host.ts';

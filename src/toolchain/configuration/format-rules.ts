import type { FormatRules, RestartConfiguration, SupervisionConfiguration } from './configuration.ts';

/** Rules of every configuration that is written for this software, and of one made from a command line. */
export const orchestraRules: FormatRules = {
	duplicates: 'error',
	failedDependency: 'fail',
	tellDefaultProvider: false,
	plainTcpClients: false,
};

/** Rules of the Go orchestrator for its own files, as far as they are safe. */
export const goRules: FormatRules = {
	duplicates: 'later-wins',
	failedDependency: 'ignore',
	tellDefaultProvider: true,
	plainTcpClients: true,
};

/** Addresses and certificates directory of the Go orchestrator if its file does not say. */
export const goDefaults = {
	listenAddr: 'localhost:50100',
	tcpAddr: 'localhost:50101',
	certsDir: '~/.orchestra/certs',
} as const;

/** The AI provider that the Go orchestrator falls back to. */
export const goDefaultProvider = 'claude';

/** The AI providers that the Go orchestrator sends to another's plugin. */
export const goProviders: Readonly<Record<string, string>> = {
	grok: 'openai',
	perplexity: 'openai',
	deepseek: 'openai',
	qwen: 'openai',
	kimi: 'openai',
};

/** Time limits of plugins if nothing is said. */
export const defaultSupervisionTimes: SupervisionConfiguration = {
	readyMs: 10_000,
	registerMs: 1_000,
	bootMs: 30_000,
	healthEveryMs: 5_000,
	healthTimeoutMs: 5_000,
};

/** Restart policy of plugins if nothing is said. */
export const defaultRestart: RestartConfiguration = {
	when: 'on-failure',
	budget: 5,
	withinMs: 5 * 60_000,
	backOff: { initialMs: 200, maxMs: 30_000 },
};

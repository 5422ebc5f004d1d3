import { expect, test } from 'vitest';
import * as surface from '../src/runtime/index.ts';

// Names that programs import. One that goes, or comes, is a change to the changelog too.
test('the package exports what it promises, and nothing by accident', () => {
	expect(Object.keys(surface).sort()).toEqual([
		'MemoryEventBus',
		'OrchestraError',
		'Orchestrator',
		'PeerError',
		'PluginBuilder',
		'ToolError',
		'connectInProcess',
		'connectPersistently',
		'createClient',
		'createDispatcher',
		'createPlugin',
		'defaultKeepAlive',
		'defineService',
		'dial',
		'embedded',
		'ensureIdentity',
		'errorCodes',
		'formatAddress',
		'isAddressUrl',
		'isPlugin',
		'listen',
		'loneServices',
		'maxMessageBytes',
		'maxNestingDepth',
		'openDirectoryIdentity',
		'parseAddress',
		'phasesOf',
		'resolveCertsDir',
		'runIfMain',
		'runPlugin',
		'serveService',
		'serverStream',
		'serviceClient',
		'storageConflict',
		'storageNotFound',
		'unary',
	]);
});

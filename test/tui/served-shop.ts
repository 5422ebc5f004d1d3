import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { type TerminalOptions, TerminalScreen } from '../support/terminal-screen.ts';
import { writeFiles } from '../toolchain/write-files.ts';

/** A set of plugins with everything that can be seen: a failing tool, a long one, a stream, events, wide text, one that cannot boot. */
const shop = `import { createPlugin, ToolError } from 'orchestra-toolchain';
const untilAborted = (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
export default createPlugin('shop')
	.description('A shop.')
	.registerTool('price', {
		description: 'The price of an article.',
		input: {
			type: 'object',
			properties: {
				article: { type: 'string', minLength: 2, description: 'Which article' },
				currency: { type: 'string', enum: ['EUR', 'NOK'], default: 'EUR' },
			},
			required: ['article'],
			additionalProperties: false,
		},
	}, (args) => ({ price: 12, ...args }))
	.registerTool('order', { description: 'Orders an article.' }, (args, ctx) => {
		ctx.log.warn('stock row of lamp is locked');
		throw new ToolError('out_of_stock', 'no lamp is left in the warehouse', { hint: 'Order it again on Monday.', details: { warehouse: 'Oslo' } });
	})
	.registerTool('report', { description: 'Makes the report 年報.' }, (_args, ctx) => {
		ctx.progress(3, 4, 'page 3');
		return untilAborted(ctx.signal);
	})
	.registerTool('tell', { description: 'Publishes.' }, async (_args, ctx) => {
		await ctx.publish('shop.東京', { city: '東京', evil: '\\u001b[31mred' });
		return {};
	})
	.registerTool('crash', { description: 'Ends the process.' }, () => { process.exit(7); })
	.build();
`;

const broken = `import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('broken').lifecycle({ onBoot() { throw new Error('the database does not answer'); } }).build();
`;

/** Writes the set. */
function writeShop(folder: string): void {
	mkdirSync(folder, { recursive: true });
	writeFiles(folder, { 'shop.ts': shop, 'broken.ts': broken });
	writeFileSync(
		join(folder, 'orchestra.yaml'),
		'listen: [tcp://127.0.0.1:0]\nplugins:\n  - {id: shop, module: shop.ts}\n  - {id: broken, module: broken.ts}\n',
	);
	symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
}

/** The set, served, in a folder of its own. */
export class ServedShop {
	readonly folder = mkdtempSync(join(tmpdir(), 'orchestra-tui-'));
	readonly env = {
		ORCHESTRA_CERTS_DIR: join(this.folder, 'certs'),
		ORCHESTRA_CACHE_DIR: join(this.folder, 'cache'),
	};
	address = '';
	#server: RunningCli | undefined;

	constructor() {
		writeShop(join(this.folder, 'set'));
	}

	/** The folder of its configuration. */
	get set(): string {
		return join(this.folder, 'set');
	}

	async start(listen?: string): Promise<void> {
		const args = listen ? ['serve', '--json', '--listen', listen] : ['serve', '--json'];
		this.#server = new RunningCli(args, { env: this.env, cwd: this.set });
		const [line] = await this.#server.until(/^.*"event":"ready".*$/m);
		this.address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
	}

	/** `orchestra top` on a terminal. */
	top(options: TerminalOptions = {}): TerminalScreen {
		return new TerminalScreen(['top', this.address], { env: this.env, ...options });
	}

	call(...words: string[]): ReturnType<typeof runCli> {
		return runCli(['call', this.address, ...words, '--json'], { env: this.env });
	}

	/** Ends the server at once. */
	async stop(): Promise<void> {
		await this.#server?.[Symbol.asyncDispose]();
		this.#server = undefined;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Expects a terminal to be as it was before: its own screen, with its cursor and what had been scrolled away. */
export function expectRestored(screen: TerminalScreen): void {
	expect(screen.xterm.buffer.active.type).toBe('normal');
	for (const mode of ['?25', '?7']) {
		const [set, reset] = ['h', 'l'].map((end) => screen.output.lastIndexOf(`\x1b[${mode}${end}`));
		expect(set, mode).toBeGreaterThan(reset ?? 0);
	}
	expect(screen.output).not.toContain('\x1b[3J');
}

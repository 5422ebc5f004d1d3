import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/run-cli.ts';
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
export function writeShop(folder: string, { broken: withBroken = true } = {}): void {
	mkdirSync(folder, { recursive: true });
	writeFiles(folder, { 'shop.ts': shop, 'broken.ts': broken });
	writeFileSync(
		join(folder, 'orchestra.yaml'),
		`listen: [tcp://127.0.0.1:0]\nplugins:\n  - {id: shop, module: shop.ts}\n${withBroken ? '  - {id: broken, module: broken.ts}\n' : ''}`,
	);
	symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
}

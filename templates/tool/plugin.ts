import { createPlugin, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

// Stands in for a real weather service: °C on a usual day.
const climates: Record<string, { low: number; high: number }> = {
	Cairo: { low: 22, high: 35 },
	Lima: { low: 16, high: 23 },
	Oslo: { low: 3, high: 11 },
};

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Tells the weather of a few cities.')
	.registerTool(
		'forecast',
		{
			description: 'The weather of the next days in a city.',
			// Checked before the handler runs. Hosts show it, and the command line reads its types: days=5 arrives as a number.
			input: z.object({
				city: z.string().describe('The name of the city'),
				days: z.number().int().min(1).max(14).default(3).describe('How many days'),
			}),
		},
		({ city, days }) => {
			const climate = climates[city];
			if (!climate) {
				// The caller gets this code and message. Any other error that is thrown becomes `handler_error`.
				throw new ToolError('city_unknown', `there is no forecast for ${city}`, {
					hint: `Try one of ${Object.keys(climates).join(', ')}.`,
					details: { city },
				});
			}
			const forecast = Array.from({ length: days }, (_, day) => ({
				day: day + 1,
				low: climate.low - (day % 3),
				high: climate.high - (day % 2),
			}));
			return { city, forecast };
		},
	)
	.build();

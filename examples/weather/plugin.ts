import { createPlugin, ToolError } from 'orchestra-toolchain';
import { z } from 'zod';

const skies = ['sun', 'clouds', 'rain', 'snow', 'fog'] as const;

/** A number that depends on a text only, so that the made-up weather stays the same. */
function hash(text: string): number {
	let value = 2166136261;
	for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 16777619);
	return value >>> 0;
}

export default createPlugin('weather')
	.version('1.0.0')
	.description('A made-up weather forecast: an example.')
	.registerTool(
		'forecast',
		{
			description: 'The weather of the next days in a city. It is made up.',
			input: z.object({
				city: z.string().min(1).describe('The name of the city'),
				days: z.number().int().min(1).max(14).default(3).describe('How many days'),
			}),
		},
		({ city, days }) => {
			if (city === 'Atlantis') {
				throw new ToolError('city_unknown', `there is no weather in ${city}: it sank`, { details: { city } });
			}
			const forecast = Array.from({ length: days }, (_, i) => {
				const made = hash(`${city} ${i}`);
				return { day: i + 1, sky: skies[made % skies.length], celsius: (made % 35) - 5 };
			});
			return { city, forecast, note: 'This weather is made up.' };
		},
	)
	.build();

import { createPlugin } from 'orchestra-toolchain';
import { notFound } from 'orchestra-toolchain/seams';
import { thermometer } from './thermometer.ts';

/** Stands in for real sensors: °C of each room. */
const rooms: Record<string, number> = { attic: 31, cellar: 11, kitchen: 21 };

function measure(room: string): { celsius: number } {
	const celsius = rooms[room];
	// The host gets this error as it is, wherever the plugin runs.
	if (celsius === undefined) throw notFound(`there is no thermometer in the ${room}`, { room });
	return { celsius };
}

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Thermometers of a house.')
	// Values are checked on both sides: here what comes, at the host what is answered.
	.provideSeam(thermometer, {
		read: ({ room }) => measure(room),
		async *watch({ room }, { signal }) {
			const { celsius } = measure(room);
			for (let change = 0; !signal.aborted; change++) yield { celsius: celsius + (change % 3) / 10 };
		},
	})
	.build();

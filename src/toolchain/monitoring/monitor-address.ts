import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Address at which a monitor listens. */
export interface MonitorAddress {
	readonly host: string;
	readonly port: number;
}

/** Reads `PORT`, on loopback, or `HOST:PORT`. @throws OrchestraError `usage` */
export function parseMonitorAddress(text: string): MonitorAddress {
	const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
	const port = Number(digits);
	if (digits === undefined || port > 65_535) {
		throw new OrchestraError('usage', `${JSON.stringify(text)} is no place for a monitor`, {
			hint: 'Write --monitor 9464, or --monitor 10.0.0.5:9464.',
		});
	}
	return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

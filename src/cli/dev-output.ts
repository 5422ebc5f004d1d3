import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { formatFault } from '../toolchain/compile/compiler-fault.ts';
import { countOf } from '../toolchain/count-of.ts';
import type { DevEvent, TypeReport } from '../toolchain/dev/dev-event.ts';
import { shortList } from './short-list.ts';
import { style } from './style.ts';
import { visible } from './visible-text.ts';

/** Type errors that are printed one by one; more are counted. */
const namedFaults = 20;

/** An event of a plugin that is being written, as lines of a log. */
export interface DevLines {
	readonly level: 'info' | 'warn' | 'error';
	readonly lines: readonly string[];
}

/** Describes an event for a person. */
export function devLines(event: DevEvent): DevLines {
	switch (event.kind) {
		case 'running': {
			const { version, changed, ms, tools } = event;
			const why = changed.length > 0 ? `: ${shortList(changed)}` : '';
			return {
				level: 'info',
				lines: [`version ${version} runs after ${ms} ms${why} (${countOf(tools.length, 'tool')})`],
			};
		}
		case 'failed': {
			const { message, hint } = event.error;
			const goesOn = event.running === undefined ? 'nothing runs' : `version ${event.running} goes on`;
			const lines = [...message.split('\n'), ...(hint ? [`→ ${hint}`] : []), `${goesOn}; save to try again`];
			return { level: 'error', lines };
		}
		case 'unchanged':
			return {
				level: 'info',
				lines: [
					event.running === undefined ? 'nothing has changed' : `version ${event.running} is what is on disk`,
				],
			};
		case 'left':
			return event.cut === 0
				? { level: 'info', lines: [`version ${event.version} has ended`] }
				: {
						level: 'warn',
						lines: [`version ${event.version} was ended with ${event.cut} of its calls: their time was up`],
					};
		case 'types':
			return typeLines(event.report);
	}
}

function typeLines(report: TypeReport): DevLines {
	switch (report.kind) {
		case 'right':
			return { level: 'info', lines: [`types are right (${report.ms} ms)`] };
		case 'unchecked':
			return { level: 'warn', lines: [`types are not checked: ${report.reason}`] };
		case 'wrong': {
			const { faults } = report;
			const named = faults.slice(0, namedFaults).flatMap((fault) => `  ${formatFault(fault)}`.split('\n'));
			const more = faults.length > namedFaults ? [`  and ${faults.length - namedFaults} more`] : [];
			const count = faults.length === 1 ? 'a type error' : `${faults.length} type errors`;
			return { level: 'error', lines: [`${count}; it runs all the same`, ...named, ...more] };
		}
	}
}

/** The same as lines of text with colours, where there are any. */
export function formatDevEvent(event: DevEvent): string {
	const { level, lines } = devLines(event);
	const mark = { info: style.green('✔'), warn: style.yellow('!'), error: style.red('✖') }[level];
	const [first = '', ...rest] = lines.map(visible);
	return [`${mark} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n');
}

/** The same as a document, for programs. */
export function devDocument(event: DevEvent): object {
	const { kind, ...rest } = event;
	if (event.kind === 'failed') {
		const { code, message, hint, details } = OrchestraError.from(event.error, 'internal');
		return { event: kind, running: event.running ?? null, error: { code, message, hint, details } };
	}
	if (event.kind === 'types') {
		const { kind: types, ...report } = event.report;
		return { event: kind, types, ...report };
	}
	return { event: kind, ...rest };
}

/** The title line: which version runs, and what is wrong with what was saved since. */
export class DevTitle {
	readonly #addresses: string;
	#version: number | undefined;
	#fault = '';
	#types = '';

	constructor(addresses: readonly string[]) {
		this.#addresses = addresses.join('  ');
	}

	take(event: DevEvent): void {
		if (event.kind === 'running') {
			this.#version = event.version;
			this.#fault = '';
		} else if (event.kind === 'unchanged') this.#fault = '';
		else if (event.kind === 'failed') this.#fault = 'what was saved does not run';
		else if (event.kind === 'types') {
			const { report } = event;
			this.#types =
				report.kind === 'wrong'
					? `${report.faults.length} type error${report.faults.length === 1 ? '' : 's'}`
					: report.kind === 'unchecked'
						? 'types not checked'
						: '';
		}
	}

	get text(): string {
		const version = this.#version === undefined ? 'nothing runs' : `version ${this.#version}`;
		return ['dev', version, this.#fault, this.#types, this.#addresses].filter(Boolean).join(' · ');
	}
}

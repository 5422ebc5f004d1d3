/** Content type of the text format of Prometheus. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** A number with what it is about. */
export interface Sample {
	/** Behind the metric's name, as the parts of a histogram have it. Default: nothing. */
	readonly suffix?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly value: number;
}

/** A metric, and each of its numbers. */
export interface Metric {
	readonly name: string;
	readonly help: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	readonly samples: readonly Sample[];
}

/** Metrics in the text format of Prometheus; one without a number is left out. */
export function prometheusText(metrics: readonly Metric[]): string {
	return metrics
		.filter(({ samples }) => samples.length > 0)
		.map(({ name, help, type, samples }) =>
			[
				`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
				...samples.map(
					({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
				),
			].join(''),
		)
		.join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
	const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
	return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(value: string): string {
	return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

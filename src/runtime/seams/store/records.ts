/** One of the values that a flag hands out. */
export interface FlagVariant {
	readonly key: string;
	readonly value: string;
	readonly weight: number;
}

/** A feature flag. */
export interface Flag {
	readonly key: string;
	readonly description?: string;
	readonly enabled: boolean;
	/** `all`, `beta`, `alpha`, `cohort`, `experiment`, or another. */
	readonly scope?: string;
	/** Percent, 0 to 100. */
	readonly rollout?: number;
	readonly variants?: readonly FlagVariant[];
	readonly cohort?: string;
	readonly experiment?: string;
	/** Milliseconds of the Unix epoch; 0 is a time like any other. The store fills it in where it is absent. */
	readonly createdAt?: number;
	readonly updatedAt?: number;
}

/** Something whose health is watched. */
export interface Component {
	readonly key: string;
	readonly name?: string;
	readonly description?: string;
	/** The name of the status provider that checks it. */
	readonly provider?: string;
	readonly config?: Readonly<Record<string, string>>;
	readonly createdAt?: number;
	readonly updatedAt?: number;
}

/** Health of a component, the least severe first. */
export const healthStates = ['unknown', 'operational', 'degraded', 'down'] as const;

/** One of {@link healthStates}. */
export type HealthState = (typeof healthStates)[number];

/** Result of the check of a component. */
export interface Check {
	/** The key of the component. */
	readonly component: string;
	readonly state: HealthState;
	readonly message?: string;
	readonly latencyMs?: number;
	/** Milliseconds of the Unix epoch. The store fills it in where it is absent. */
	readonly checkedAt?: number;
}

/** What was measured on a real server: how, stands in docs/scale.md. */
export const measured = {
	server: { wayMs: [0.1, 2], sendMicros: 2.4, watchMicros: 18, storeMicros: 100, cores: 1 },
	overheads: { change: 130, answer: 110, delivery: 150 },
} as const;

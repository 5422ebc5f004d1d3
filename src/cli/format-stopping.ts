/** Says that a signal stops everything in an orderly way, and how to end it at once. */
export function formatStopping(signal: string): string {
	// Whoever sent SIGTERM has no terminal on which to press anything, as a rule.
	const again = signal === 'SIGTERM' ? 'A second SIGTERM' : 'Another Ctrl-C';
	return `${signal}: stopping. ${again} ends it at once, whatever is under way.`;
}

import { Text } from 'ink';
import { memo, type ReactElement } from 'react';

/** One line, laid out and coloured already. */
export const Line = memo(function Line({ text }: { readonly text: string }): ReactElement {
	return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
});

/** Lines below each other, filled up with empty ones to a height. */
export function Lines({
	lines,
	height,
}: {
	readonly lines: readonly string[];
	readonly height: number;
}): ReactElement[] {
	return Array.from({ length: height }, (_, index) => (
		// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
		<Line key={index} text={lines[index] ?? ''} />
	));
}

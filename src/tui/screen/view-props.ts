import type { Ui } from '../view/ui.ts';

/** Facts from which a part of the screen is drawn, and the columns and rows that it has. */
export interface ViewProps {
	readonly ui: Ui;
	readonly width: number;
	readonly height: number;
}

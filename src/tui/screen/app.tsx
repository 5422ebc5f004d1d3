import { Box, useInput } from 'ink';
import { type ReactElement, useCallback, useState, useSyncExternalStore } from 'react';
import { KeyReader } from '../keys/key-reader.ts';
import type { ScreenSize } from '../terminal/screen-stream.ts';
import { toned } from '../text/tone.ts';
import { DetailMode } from '../view/modes/detail-mode.ts';
import { FormMode } from '../view/modes/form-mode.ts';
import { HelpMode } from '../view/modes/help-mode.ts';
import { ListMode } from '../view/modes/list-mode.ts';
import { TerminalsMode } from '../view/modes/terminals-mode.ts';
import { ToolsMode } from '../view/modes/tools-mode.ts';
import type { Ui } from '../view/ui.ts';
import { DetailView } from './detail-view.tsx';
import { FormView } from './form-view.tsx';
import { HelpLine } from './help-line.tsx';
import { HelpView } from './help-view.tsx';
import { Line } from './line.tsx';
import { ListView } from './list-view.tsx';
import { Preview } from './preview.tsx';
import { StatusLine } from './status-line.tsx';
import { Tabs } from './tabs.tsx';
import { TerminalsView } from './terminals-view.tsx';
import { TitleBar } from './title-bar.tsx';
import { leastSize, TooSmall } from './too-small.tsx';
import { ToolsView } from './tools-view.tsx';
import type { ViewProps } from './view-props.ts';

/** Rows from which on lines may be spent on rules. */
const roomy = 16;

/** Columns from which on what is selected is shown beside its list. */
const wide = 120;

/** All of the screen. It leaves the last row and the last column of the terminal free, so that nothing ever scrolls or wraps. */
export function App({ ui, size }: { readonly ui: Ui; readonly size: () => ScreenSize }): ReactElement {
	useSyncExternalStore(ui.subscribe, () => ui.version);
	const [reader] = useState(() => new KeyReader());
	useInput(
		useCallback(
			(input, key) => {
				for (const read of reader.read(input, key)) ui.press(read);
			},
			[ui, reader],
		),
	);
	const { columns, rows } = size();
	if (columns < leastSize.columns || rows < leastSize.rows) return <TooSmall columns={columns} rows={rows} />;
	const width = columns - 1;
	const rules = rows >= roomy;
	const height = rows - 1 - (rules ? 6 : 4);
	ui.page = Math.max(1, height - 2);
	const rule = toned('─'.repeat(width), 'dim');
	return (
		<Box flexDirection="column" width={width} height={rows - 1}>
			<TitleBar ui={ui} width={width} />
			<Tabs ui={ui} width={width} />
			{rules && <Line text={rule} />}
			<Body ui={ui} width={width} height={height} />
			{rules && <Line text={rule} />}
			<StatusLine ui={ui} width={width} />
			<HelpLine ui={ui} width={width} />
		</Box>
	);
}

/** The list, or what is open over it. */
function Body({ ui, width, height }: ViewProps): ReactElement {
	const shown = ui.modes.findLast(
		(mode) =>
			mode instanceof ListMode ||
			mode instanceof DetailMode ||
			mode instanceof HelpMode ||
			mode instanceof ToolsMode ||
			mode instanceof TerminalsMode ||
			mode instanceof FormMode,
	);
	const room = { width, height };
	if (shown instanceof DetailMode) return <DetailView mode={shown} {...room} />;
	if (shown instanceof HelpMode) return <HelpView mode={shown} {...room} />;
	if (shown instanceof ToolsMode) return <ToolsView mode={shown} {...room} />;
	if (shown instanceof TerminalsMode) return <TerminalsView mode={shown} {...room} />;
	if (shown instanceof FormMode) return <FormView mode={shown} {...room} />;
	if (width < wide - 1) return <ListView ui={ui} {...room} />;
	const beside = Math.floor(width * 0.4);
	return (
		<Box width={width} height={height}>
			<Box flexDirection="column" width={width - beside}>
				<ListView ui={ui} width={width - beside} height={height} />
			</Box>
			<Box flexDirection="column" width={beside}>
				<Preview ui={ui} width={beside} height={height} />
			</Box>
		</Box>
	);
}

import type { CallFailure, CallKind } from '../wire/call-facts.ts';
import { childTraceParent } from '../wire/trace-parent.ts';

/** Place of a call on its way. */
export type Hop =
	/** A peer of another protocol asks for it. */
	| 'front'
	/** It is made here. */
	| 'client'
	/** In an orchestrator, which finds the plugin. */
	| 'route'
	/** At the plugin. */
	| 'handler';

/** Facts about a call when it comes to a hop. */
export interface HopFacts {
	readonly kind: CallKind | 'event';
	/** The tool, prompt or method, or what is done with a storage. Never a path: there may be any number. */
	readonly name: string;
	/** Empty where it is not known. */
	readonly plugin: string;
	readonly session: string;
	/** Caller; empty where it is not known. */
	readonly caller: string;
	/** Whether it came from another process, or goes to one. */
	readonly remote: boolean;
	/** The other end's `host:port`, where it has one. */
	readonly address: string;
}

/** A call at one hop, until it ends. */
export interface HopSpan {
	/** The trace with this hop as the parent of what comes next. */
	readonly traceParent: string;
	/** The plugin that it goes to is known now. */
	routed(plugin: string): void;
	/** An empty code where it went well. Later calls do nothing. */
	end(failure: CallFailure): void;
}

/** Records calls and how plugins fare. It exists only where somebody asked for it. */
export interface Telemetry {
	/** @param parent the trace that the call says it belongs to; empty for none: what runs then is its parent */
	begin(hop: Hop, facts: HopFacts, parent: string): HopSpan;
	/** Runs work so that what it calls belongs to the hop. */
	within<T>(span: HopSpan, work: () => T): T;
	/** A plugin was started again. */
	restarted(plugin: string): void;
	/** Sends what was recorded. Never rejects, and waits no longer than `timeoutMs`. @returns whether it ended within that time */
	close(timeoutMs: number): Promise<boolean>;
}

let active: Telemetry | undefined;

/** Recorder of calls in this process; undefined where nobody asked. One look at it is all that a call costs then. */
export function telemetry(): Telemetry | undefined {
	return active;
}

/**
 * A trace that is passed on to what a handler asks for: as it is where somebody records that, who gives it a parent of its own, and else with a
 * new parent.
 */
export function passedOnTrace(traceParent: string): string {
	return active ? traceParent : childTraceParent(traceParent);
}

/** Used by {@link startTelemetry}. */
export function setTelemetry(next: Telemetry | undefined): void {
	active = next;
}

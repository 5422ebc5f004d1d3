/**
 * A column of a table.
 *
 * @typedef {object} Column
 * @property {string} key of a metric
 * @property {string} title
 * @property {(value: number) => string} format
 */

/** @param {number} value */
const whole = (value) => Math.round(value).toLocaleString('en-US');

/**
 * Three significant digits.
 *
 * @param {number} value
 */
export const short = (value) => (value >= 100 ? whole(value) : Number(value.toPrecision(3)).toString());

/** @param {number} value */
const percent = (value) => `${value >= 0 ? '+' : '−'}${Math.abs(value * 100).toFixed(1)} %`;

/** @type {Column} */
export const callsPerSecond = { key: 'callsPerSecond', title: 'calls/s', format: whole };
/** @type {Column} */
export const p50 = { key: 'p50Ms', title: 'p50 ms', format: short };
/** @type {Column} */
export const p99 = { key: 'p99Ms', title: 'p99 ms', format: short };
/** @type {Column} */
export const megabytesPerSecond = { key: 'megabytesPerSecond', title: 'MB/s', format: short };
/** @type {Column} */
export const chunksPerSecond = { key: 'chunksPerSecond', title: 'chunks/s', format: whole };
/** @type {Column} */
export const eventsPerSecond = { key: 'eventsPerSecond', title: 'events/s', format: whole };
/** @type {Column} */
export const milliseconds = { key: 'medianMs', title: 'ms', format: short };

/**
 * @param {string} key
 * @param {string} title
 * @returns {Column}
 */
export const mebibytes = (key, title) => ({ key, title, format: (bytes) => (bytes / 2 ** 20).toFixed(1) });

/**
 * @param {string} key
 * @param {string} title
 * @returns {Column}
 */
export const growth = (key, title) => ({ key, title, format: percent });

/**
 * @param {string} key
 * @param {string} title
 * @returns {Column}
 */
export const share = (key, title) => ({ key, title, format: (part) => `${(part * 100).toFixed(1)} %` });

// Numbers, times and durations as the language writes them.
import { language, t } from "./words.js";

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clocks = new Map();

export function number(value) {
  return whole.format(value);
}

const four = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });

// A measured value, as exactly as a person reads it.
export function measured(value, unit = "") {
  if (value === null) return t("format.absent");
  return unit ? t("format.measured", { n: four.format(value), unit }) : four.format(value);
}

// Seconds of a cycle: 24.3 s; longer ones as any duration.
export function cycle(seconds) {
  if (seconds === null) return t("format.absent");
  return seconds < 100 ? t("format.s", { s: tenth.format(seconds) }) : duration(seconds);
}

export function signed(value) {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
  return sign + whole.format(Math.abs(value));
}

export function percent(ratio) {
  return ratio === null ? t("format.absent") : t("format.percent", { n: tenth.format(ratio * 100) });
}

const hundredth = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function tenths(value) {
  return tenth.format(value);
}

// Cp and their like: two decimals, as the 1.33 that is asked for has.
export function hundredths(value) {
  return value === null ? t("format.absent") : hundredth.format(value);
}

// A percentage that is multiplied with others: a tenth would hide what a good station loses.
export function finePercent(ratio) {
  return ratio === null ? t("format.absent") : t("format.percent", { n: hundredth.format(ratio * 100) });
}

// 04:12 while somebody counts the seconds, 2 h 30 beyond an hour.
export function elapsed(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  return s < 3600 ? `${two(s / 60)}:${two(s % 60)}` : duration(s);
}

export function duration(seconds) {
  const s = Math.round(Math.abs(seconds));
  const sign = seconds < 0 && s > 0 ? "−" : "";
  if (s < 60) return sign + t("format.s", { s });
  const m = Math.round(s / 60);
  if (m < 60) return sign + t("format.min", { m });
  if (m < 1440) return sign + t("format.h_min", { h: Math.floor(m / 60), m: two(m % 60) });
  return sign + t("format.d_h", { d: Math.floor(m / 1440), h: Math.floor((m % 1440) / 60) });
}

const seconds = new Intl.NumberFormat(language, { minimumIntegerDigits: 2, minimumFractionDigits: 1, maximumFractionDigits: 1 });

// 5:47:12 for what must add up before your eyes; `finely` to the tenth of a second.
export function exact(value, finely = false) {
  const tenths = Math.round(Math.abs(value) * (finely ? 10 : 1)) / (finely ? 10 : 1);
  const s = tenths % 60;
  const sign = value < 0 && tenths > 0 ? "−" : "";
  return `${sign}${Math.floor(tenths / 3600)}:${two((tenths / 60) % 60)}:${finely ? seconds.format(s) : two(s)}`;
}

// How far one percentage is from another.
export function points(ratio) {
  return t("format.points", { n: signedTenth(ratio * 100) });
}

// A clock that is off: +0.4 s is ahead.
export function offset(seconds) {
  return t("format.s", { s: signedTenth(seconds) });
}

// What is 0.0 to the reader has no side.
function signedTenth(value) {
  const tenths = Math.round(value * 10);
  return (tenths > 0 ? "+" : tenths < 0 ? "−" : "±") + tenth.format(Math.abs(tenths) / 10);
}

// Wall clock of the plant at an instant in µs.
export function clock(us, zone, withSeconds = false) {
  return clockOf(zone, withSeconds).format(us / 1000);
}

export function day(us, zone) {
  return new Intl.DateTimeFormat(language, { ...zoned(zone), weekday: "short", day: "numeric", month: "short" })
    .format(us / 1000);
}

// Day and clock.
export function instant(us, zone) {
  return t("format.instant", { day: day(us, zone), time: clock(us, zone) });
}

// The day once where it is the same.
export function between(from, to, zone) {
  const end = day(from, zone) === day(to, zone) ? clock(to, zone) : instant(to, zone);
  return t("format.between", { from: instant(from, zone), to: end });
}

function clockOf(zone, withSeconds) {
  const key = `${zone} ${withSeconds}`;
  if (!clocks.has(key)) {
    const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zoned(zone) };
    if (withSeconds) parts.second = "2-digit";
    clocks.set(key, new Intl.DateTimeFormat(language, parts));
  }
  return clocks.get(key);
}

// A zone that this browser does not know is no reason to show nothing.
function zoned(zone) {
  try {
    Intl.DateTimeFormat(language, { timeZone: zone || "UTC" });
    return { timeZone: zone || "UTC" };
  } catch {
    return { timeZone: "UTC" };
  }
}

function two(value) {
  return String(Math.floor(value)).padStart(2, "0");
}

// What a field for date and time takes: 2026-01-05T06:00, by the plant's own clock.
export function localInput(us, zone) {
  const options = { dateStyle: "short", timeStyle: "short", hourCycle: "h23", ...zoned(zone) };
  return new Intl.DateTimeFormat("sv-SE", options).format(us / 1000).replace(" ", "T");
}

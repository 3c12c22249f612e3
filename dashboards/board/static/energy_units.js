// Energy and power as exactly as a person reads them: three digits, and in a column as many decimals for all.
import { language, t } from "./words.js";

const formats = [0, 1, 2].map((digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));

function decimals(value) {
  return value >= 100 ? 0 : value >= 10 ? 1 : 2;
}

function write(value, unit) {
  if (value === null) return t("format.absent");
  return t("format.measured", { n: formats[decimals(Math.abs(value))].format(value), unit: t(`measure.${unit}`) });
}

// 1,234 kWh, 12.3 kWh, 456 Wh.
export function amount(kwh) {
  return kwh !== null && kwh < 1 ? write(kwh * 1000, "wh") : write(kwh, "kwh");
}

export function watts(kw) {
  return kw !== null && kw < 1 ? write(kw * 1000, "w") : write(kw, "kw");
}

// One beneath the other, in kWh, in steps that suit the largest.
export function column(values) {
  const most = Math.max(...values, 0);
  const digits = most >= 1000 ? 0 : most >= 100 ? 1 : 2;
  return (kwh) => t("format.measured", { n: formats[digits].format(kwh), unit: t("measure.kwh") });
}

// Whole watt-hours, or tenths of them where there are few, for what must add up before your eyes.
export const WH_J = 3600;

export function stepOf(joules) {
  return joules >= 1000 * WH_J ? WH_J : WH_J / 10;
}

export function wattHours(joules, step) {
  return t("format.measured", { n: formats[step === WH_J ? 0 : 1].format(joules / WH_J), unit: t("measure.wh") });
}

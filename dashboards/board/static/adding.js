// Rounding after which what is shown still adds up: each is the difference of two rounded sums.
export function adding(values, unit, round = Math.round) {
  let sum = 0;
  return values.map((value) => {
    const before = round(sum / unit);
    sum += value;
    return (round(sum / unit) - before) * unit;
  });
}

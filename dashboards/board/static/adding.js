// Rounding after which what is shown still adds up: each is the difference of two rounded sums.
export function adding(values, unit) {
  let sum = 0;
  return values.map((value) => {
    const before = Math.round(sum / unit);
    sum += value;
    return (Math.round(sum / unit) - before) * unit;
  });
}

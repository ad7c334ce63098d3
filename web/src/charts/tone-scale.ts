// Seven steps of one hue for figures that spread over orders of magnitude: even in the logarithm
// where the greatest is over ten times the least, else even as they are.

export interface ToneStep {
  tone: number;
  from: number;
  to: number;
}

export interface ToneScale {
  tone: (value: number) => number;
  steps: ToneStep[];
}

const TONES = 7;

export function toneScale(values: readonly number[]): ToneScale {
  const positive = values.filter((value) => value > 0);
  if (values.length === 0) return { tone: () => 0, steps: [] };
  const most = values.reduce((max, value) => Math.max(max, value), 0);
  const least = positive.length === 0 ? 0 : positive.reduce((min, value) => Math.min(min, value), Number.POSITIVE_INFINITY);
  if (most <= least) {
    const tone = most > 0 ? 3 : 0;
    return { tone: () => tone, steps: [{ tone, from: most, to: most }] };
  }
  const isLog = most / least > 10;
  const share = (value: number) => (isLog ? Math.log(Math.max(value, least) / least) / Math.log(most / least) : (value - least) / (most - least));
  const bound = (at: number) => (isLog ? least * (most / least) ** (at / TONES) : least + ((most - least) * at) / TONES);
  const tone = (value: number) => Math.max(0, Math.min(TONES - 1, Math.floor(share(value) * TONES)));
  const used = new Set(values.map(tone));
  const steps = Array.from({ length: TONES }, (_, at) => ({ tone: at, from: bound(at), to: bound(at + 1) })).filter((step) => used.has(step.tone));
  return { tone, steps };
}

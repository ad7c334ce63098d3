// Callers by callees, a sparkline in each cell that was seen: at a glance who got slower with whom.
import type { MatrixPair } from "../../api/latency-matrix";
import { Sparkline } from "../../charts/small";
import { middle, withUnit } from "../../format/number";
import { sinceBucket, STATES } from "./latency-matrix-page";

/** More rows or columns than this are left to the table. */
const MOST = 16;

/** Names with the most harmed pairs first. */
function ranked(pairs: readonly MatrixPair[], idOf: (pair: MatrixPair) => string, nameOf: (pair: MatrixPair) => string): [string, string][] {
  return [...new Map(pairs.map((pair) => [idOf(pair), nameOf(pair)])).entries()].slice(0, MOST);
}

export function PairGrid({ pairs, selected, onOpen }: { pairs: MatrixPair[]; selected: MatrixPair | undefined; onOpen: (pair: MatrixPair) => void }) {
  const callers = ranked(pairs, (pair) => pair.from, (pair) => pair.from_name);
  const callees = ranked(pairs, (pair) => pair.to, (pair) => pair.to_name);
  const known = new Map(pairs.map((pair) => [`${pair.from}\n${pair.to}`, pair]));
  const shown = pairs.filter((pair) => callers.some(([id]) => id === pair.from) && callees.some(([id]) => id === pair.to)).length;
  const usual = (pair: MatrixPair) => (pair.values.quantile >= 0.95 ? pair.usual.latency.p95.value : pair.usual.latency.p50.value);
  const now = (pair: MatrixPair) => (pair.values.quantile >= 0.95 ? pair.latency.p95.value : pair.latency.p50.value);
  if (pairs.length === 0) return <p className="sub py-2">No call was observed here.</p>;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Who calls whom, each over time">
        <table className="t pairs">
          <thead>
            <tr>
              <th scope="col">calls ↓ is called →</th>
              {callees.map(([id, name]) => <th key={id} scope="col" title={name}>{middle(name, 14)}</th>)}
            </tr>
          </thead>
          <tbody>
            {callers.map(([from, name]) => (
              <tr key={from}>
                <th scope="row" title={name}>{middle(name, 18)}</th>
                {callees.map(([to]) => {
                  const pair = known.get(`${from}\n${to}`);
                  if (!pair) return <td key={to} />;
                  const value = now(pair);
                  const said = `${pair.from_name} to ${pair.to_name}: ${STATES[pair.state].text}, ${value === null ? "no data" : withUnit(value, "s")}`;
                  return (
                    <td key={to} className={`${pair.state === "slower" ? "slow" : ""} ${selected === pair ? "sel" : ""}`}>
                      <button type="button" onClick={() => onOpen(pair)} aria-label={said} title={`${said}; ${pair.reason}`}>
                        <Sparkline values={pair.values.latency} reference={usual(pair)} since={sinceBucket(pair)} width={64} />
                        <span className="text-11">{value === null ? <span className="mut">n/a</span> : withUnit(value, "s")}</span>
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown < pairs.length && <p className="sub text-ink-3 mt-1">{pairs.length - shown} more pairs stand in the table (v).</p>}
    </>
  );
}

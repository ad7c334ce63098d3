// Objectives of a service: what is attained, what is left of the budget, how fast it burns.
import type { ObjectiveState, ServiceTrend } from "../../api/service-trends";
import { CellBar } from "../../charts/small";
import { count, fixed, withUnit, words } from "../../format/number";
import { short } from "../../format/time";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { attainedText, OBJECTIVE, spanText, targetText, trendsEvidence, type ServiceTrends } from "./service-trends-model";

export function ObjectivesPanel({ envelope, service }: { envelope: ServiceTrends; service: ServiceTrend }) {
  const rows = service.objectives;
  return (
    <Panel title="Objectives and burn" qualifier={rows.length === 0 ? undefined : count(rows.length)} isFlush foot={<SourceLine evidence={trendsEvidence(envelope, `Objectives of ${service.name}`, OBJECTIVE, "objectives")} text={rows.length === 0 ? "no objective is held" : [...new Set(rows.map((one) => one.source))].join(", ")} />}>
      {rows.length === 0 ? (
        <Empty title={`${words(service.objectives_reason ?? "not configured")}.`}>OpenSLO YAML or a CSV of service, objective and window states one.</Empty>
      ) : (
        rows.map((one) => <Objective key={one.name} of={one} envelope={envelope} />)
      )}
    </Panel>
  );
}

function Objective({ of, envelope }: { of: ObjectiveState; envelope: ServiceTrends }) {
  const left = of.budget_left.value;
  const bad = of.verdict === "fast" || of.is_missed === true;
  return (
    <div className="px-3 py-2 border-t border-line first:border-t-0">
      <p className="flex justify-between gap-3 text-12">
        <span className="st"><Glyph word={bad ? "critical" : of.verdict === "slow" ? "warning" : of.verdict === null ? "unknown" : "healthy"} /><b className="font-semibold">{of.name}</b> <span className="mut">{targetText(of)}{of.bound_seconds === null ? "" : ` under ${withUnit(of.bound_seconds, "s")}`} over {spanText(of.window_seconds)}</span></span>
        <span className="mut">attained {attainedText(of)}{of.is_missed ? ", missed" : ""}</span>
      </p>
      <p className="fig mt-1">
        <Figure of={of.budget_left} evidence={trendsEvidence(envelope, `Budget left of ${of.name}`, OBJECTIVE, "objectives")} /> <small>{left === null ? "" : left < 0 ? "of the budget: overspent" : "of the error budget left"}</small>
      </p>
      <div className="pic">{left !== null && <CellBar value={Math.max(0, left)} of={1} width={260} />}</div>
      {of.burns.length > 0 && (
        <table className="t" aria-label={`Burn of ${of.name}`}>
          <thead><tr><th scope="col">Windows</th><th scope="col" className="r">Limit</th><th scope="col" className="r">Short</th><th scope="col" className="r">Long</th><th scope="col">Verdict</th></tr></thead>
          <tbody>
            {of.burns.map((burn) => (
              <tr key={`${burn.long_seconds} ${burn.short_seconds}`}>
                <td>{spanText(burn.short_seconds)} and {spanText(burn.long_seconds)}</td>
                <td className="r">{fixed(burn.limit, 1)}×</td>
                <td className="r">{burn.short.value === null ? <span className="mut" title={burn.short.detail ?? burn.short.reason ?? undefined}>n/a</span> : `${fixed(burn.short.value, 1)}×`}</td>
                <td className="r">{burn.long.value === null ? <span className="mut" title={burn.long.detail ?? burn.long.reason ?? undefined}>n/a</span> : `${fixed(burn.long.value, 1)}×`}</td>
                <td><span className="st"><Glyph word={burn.is_burning === null ? "unknown" : burn.is_burning ? "critical" : "healthy"} />{burn.is_burning === null ? "too few events" : burn.is_burning ? "burns" : "holds"}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {of.events_from !== null && <p className="sub text-ink-3">events from {short(of.events_from, envelope.as_of)}{of.attainment.n ? `, n = ${count(of.attainment.n)}` : ""}</p>}
    </div>
  );
}

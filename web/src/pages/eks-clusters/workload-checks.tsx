// What a cluster's workloads lack, each dismissible with a reason; what is dismissed stays in sight.
import { useState } from "react";
import type { Cluster, WorkloadCheck } from "../../api/eks-clusters";
import { count, plural, words } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { Decision } from "../../parts/decision";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { useView } from "../../state/view";
import { CHECKS, clusterEvidence, type Clusters } from "./eks-clusters-model";

const keyOf = (row: WorkloadCheck): string => `${row.check} ${row.id}`;

export function WorkloadChecks({ envelope, cluster }: { envelope: Clusters; cluster: Cluster }) {
  const view = useView();
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const asked = view.get("check");
  const all = cluster.workload_checks;
  const rows = [...all.filter((row) => !asked || row.check === asked)].sort((a, b) => Number(a.dismissed !== null) - Number(b.dismissed !== null));
  const open = all.filter((row) => row.dismissed === null).length;
  const names = [...new Set(all.map((row) => row.check))].sort();
  const row = rows.find((one) => keyOf(one) === chosen);
  const definition = "One replica, no readiness probe, no requests, no spread over nodes or zones, an autoscaler at its maximum, all on Spot, an image by a mutable tag. Each can be dismissed with a reason.";
  return (
    <Panel
      title="Workload checks"
      qualifier={
        <>
          {names.length > 1 && (
            <label className="field">
              Check
              <select value={asked ?? ""} onChange={(event) => view.set({ check: event.target.value || undefined }, { replace: true })}>
                <option value="">all</option>
                {names.map((one) => <option key={one} value={one}>{CHECKS[one] ?? words(one)}</option>)}
              </select>
            </label>
          )}
          <span>{count(open)} open{all.length - open > 0 ? `, ${count(all.length - open)} dismissed` : ""}</span>
        </>
      }
      isFlush
      foot={<SourceLine evidence={clusterEvidence(envelope, "Workload checks", definition, "workload_checks")} source={all.length < cluster.workload_checks_total ? `${count(all.length)} of ${count(cluster.workload_checks_total)} listed` : "topology"} />}
    >
      {all.length === 0 ? (
        <Empty title={cluster.workloads.length === 0 ? "No workload was exported, so nothing is checked." : "None: every workload passes every check."} />
      ) : (
        <>
          <DataTable
            label="Workload checks"
            rows={rows}
            rowKey={keyOf}
            selected={chosen}
            onOpen={(one) => setChosen(chosen === keyOf(one) ? undefined : keyOf(one))}
            isTall={rows.length > 14}
            columns={[
              { key: "check", title: "Lacks", width: 160, sort: (one) => one.check, cell: (one) => CHECKS[one.check] ?? words(one.check) },
              { key: "workload", title: "Workload", isName: true, sort: (one) => one.workload, hint: (one) => one.id, cell: (one) => <>{one.workload} <span className="mut">{one.namespace}</span>{one.dismissed && <span className="tag ml-1">dismissed</span>}</> },
              { key: "detail", title: "Seen", cell: (one) => one.detail, hint: (one) => one.detail },
              { key: "owner", title: "Owner", width: 100, sort: (one) => ownerText(one.owner), cell: (one) => ownerText(one.owner) ?? <span className="mut">no owner</span> },
            ]}
            phone={(one) => (
              <>
                <span className="font-medium">{one.workload}</span>
                <span className="mut">{CHECKS[one.check] ?? words(one.check)}</span>
                <span className="d">{one.detail}{one.dismissed ? ` · dismissed by ${one.dismissed.author}` : ""}</span>
              </>
            )}
          />
          {row && (
            <div className="px-3 py-2 border-t border-line grid gap-2">
              <p className="sub"><b className="font-semibold">{row.workload}</b>: {CHECKS[row.check] ?? words(row.check)}, {row.detail}</p>
              <div className="flex gap-2 flex-wrap items-start">
                <Decision
                  key={chosen}
                  target={`check:${row.check}:${row.id}`}
                  decision={row.dismissed && { action: "dismiss", author: row.dismissed.author, reason: row.dismissed.reason, decided_at: row.dismissed.at, until: null }}
                  means={{ accept: "Accept it", dismiss: "Dismiss it" }}
                />
                <button type="button" className="btn" onClick={() => view.go("/entity", { id: row.id })}>Open the workload</button>
              </div>
              {row.dismissed && <p className="sub mut">{plural(1, "check")} dismissed {dayAndClock(row.dismissed.at)}</p>}
            </div>
          )}
        </>
      )}
    </Panel>
  );
}
